// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: the Swift 6 language mode, warnings as errors, explicit
/// existentials and imports. `strict` adds strict memory safety, for the modules that never touch
/// a C library.
func settings(strict: Bool = false) -> [SwiftSetting] {
  [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (strict ? [.strictMemorySafety()] : [])
}

/// The entry functions of the fuzzers are a part of the suite. `make fuzz` builds them as a program
/// of libFuzzer instead, which brings its own `main`: see Fuzz/run.sh.
let isFuzzing = Context.environment["WSL_FUZZ"] != nil
let parsers: [Target.Dependency] = [
  "CHDF5", "CKernels", "CatalogWire", "Matching", "ModelGraph", "Networks", "Signatures",
  "WeightFiles", "WorkbenchCore", "Zoo",
]
let fuzzTargets: [Target] =
  isFuzzing
  ? [
    .target(name: "FuzzHooks", path: "Fuzz/Hooks"),
    .executableTarget(
      name: "wsl-fuzz", dependencies: parsers + ["FuzzHooks"], path: "Fuzz",
      exclude: ["corpus", "make_corpus.py", "overnight.sh", "run.sh", "Hooks", "Suite"],
      sources: ["Driver", "Entries"], swiftSettings: settings()),
  ]
  : [
    .testTarget(
      name: "FuzzTests", dependencies: parsers, path: "Fuzz",
      exclude: ["corpus", "make_corpus.py", "overnight.sh", "run.sh", "Hooks", "Driver"],
      sources: ["Entries", "Suite"], swiftSettings: settings())
  ]

let package = Package(
  name: "wsl",
  products: [
    .executable(name: "wsl", targets: ["wsl"]),
    .executable(name: "wsl-catalog", targets: ["wsl-catalog"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.5.0"),
  ],
  targets: [
    // System libraries and thin shims over them.
    .target(name: "CLinux"),
    .target(
      name: "CHDF5", dependencies: ["CHDF5System"],
      // libhdf5 from its archive: the shared one brings 35 further libraries (for files on networks),
      // and loading them takes the worker longer than reading a catalogue.
      linkerSettings: [
        .linkedLibrary(":libhdf5_serial.a"), .linkedLibrary("sz"), .linkedLibrary("z"),
        .linkedLibrary("m"),
      ]),
    .systemLibrary(name: "CHDF5System", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CLAPACK", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CBlosc", pkgConfig: "blosc", providers: [.apt(["libblosc-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    // oneDNN (libdnnl-dev) has no pkg-config file; its headers are in the default place.
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),

    // PNG and JPEG images, through libpng-dev and libturbojpeg0-dev.
    .target(
      name: "CImages", linkerSettings: [.linkedLibrary("png"), .linkedLibrary("turbojpeg")]),

    // Inner loops compiled for several instruction sets.
    .target(name: "CKernels"),

    // What every module needs: errors, progress, parallel loops, JSON.
    .target(
      name: "WorkbenchCore",
      dependencies: ["COpenSSL", .product(name: "Yams", package: "Yams")],
      swiftSettings: settings()),

    // The isolated worker that opens HDF5 files, and the words it speaks.
    .target(name: "CatalogWire", swiftSettings: settings()),
    .executableTarget(
      name: "wsl-catalog", dependencies: ["CHDF5", "CLinux", "CatalogWire"],
      swiftSettings: settings()),

    .target(
      name: "LinearAlgebra",
      dependencies: [
        "CBLAS", "CKernels", "CLAPACK", "WorkbenchCore",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: settings()),
    .target(
      name: "WeightFiles",
      dependencies: [
        "CBlosc", "CDeflate", "CHDF5", "CKernels", "CLZ4", "CLinux", "CXXHash", "CZlib", "CZstd",
        "CatalogWire", "WorkbenchCore",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings()),
    .target(
      name: "ModelGraph",
      dependencies: ["WeightFiles", "WorkbenchCore", .product(name: "Yams", package: "Yams")],
      swiftSettings: settings(strict: true)),
    .target(
      name: "Networks",
      dependencies: [
        "CDeflate", "CImages", "CKernels", "COneDNN", "LinearAlgebra", "ModelGraph",
        "WeightFiles", "WorkbenchCore",
      ],
      exclude: ["Resources/make_digits.py"], resources: [.copy("Resources/digits.h5")],
      swiftSettings: settings()),
    .target(
      name: "Matching",
      dependencies: ["LinearAlgebra", "ModelGraph", "Networks", "WeightFiles", "WorkbenchCore"],
      swiftSettings: settings()),
    .target(
      name: "Connectivity",
      dependencies: ["LinearAlgebra", "ModelGraph", "Networks", "WeightFiles", "WorkbenchCore"],
      swiftSettings: settings(strict: true)),
    .target(
      name: "Merging",
      dependencies: ["CKernels", "LinearAlgebra", "ModelGraph", "WeightFiles", "WorkbenchCore"],
      swiftSettings: settings()),
    .target(
      name: "Signatures",
      dependencies: [
        "CKernels", "LinearAlgebra", "ModelGraph", "WeightFiles", "WorkbenchCore",
      ],
      swiftSettings: settings()),
    .target(
      name: "Spectra",
      dependencies: ["LinearAlgebra", "ModelGraph", "WeightFiles", "WorkbenchCore"],
      swiftSettings: settings()),
    .target(
      name: "Probes",
      dependencies: [
        "LinearAlgebra", "Networks", "WeightFiles", "WorkbenchCore",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: settings()),
    .target(
      name: "Studies",
      dependencies: [
        "Connectivity", "LinearAlgebra", "Matching", "ModelGraph", "Networks", "Probes", "Reports",
        "Signatures", "Spectra", "WeightFiles", "WorkbenchCore", "Zoo",
      ],
      swiftSettings: settings()),
    .target(
      name: "Reports", dependencies: ["WorkbenchCore"], swiftSettings: settings(strict: true)),
    .target(
      name: "Zoo",
      dependencies: [
        "LinearAlgebra", "ModelGraph", "Networks", "Reports", "Spectra", "WeightFiles",
        "WorkbenchCore",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: settings(strict: true)),
    .executableTarget(
      name: "wsl",
      dependencies: [
        "Connectivity", "LinearAlgebra", "Matching", "Merging", "ModelGraph", "Networks", "Probes",
        "Reports", "Signatures", "Spectra", "Studies", "WeightFiles", "WorkbenchCore", "Zoo",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings(),
      // A thirtieth of the executable would be relocations of addresses within it, 24 bytes each; packed
      // (glibc 2.36) they take some bits. gold, the compiler's own choice, cannot pack them.
      linkerSettings: [
        .unsafeFlags(["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"])
      ]),

    // Our side of the benchmarks; Benchmarks/run.sh runs it beside the peers.
    .executableTarget(
      name: "wsl-bench",
      dependencies: [
        "LinearAlgebra", "Matching", "Merging", "ModelGraph", "Networks", "Spectra", "WeightFiles",
        "WorkbenchCore",
      ],
      path: "Benchmarks/Suite", swiftSettings: settings()),

    // Tests, one target a module, and what they share.
    .target(
      name: "TestSupport", dependencies: ["WorkbenchCore"], path: "Tests/TestSupport",
      swiftSettings: settings()),
    .testTarget(
      name: "WorkbenchCoreTests", dependencies: ["WorkbenchCore"], swiftSettings: settings()),
    .testTarget(
      name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "WorkbenchCore"],
      swiftSettings: settings()),
    .testTarget(
      name: "WeightFilesTests",
      dependencies: ["CatalogWire", "WeightFiles", "WorkbenchCore", "wsl-catalog"],
      exclude: ["Fixtures", "Peers"], swiftSettings: settings()),
    .testTarget(
      name: "ModelGraphTests", dependencies: ["ModelGraph", "WeightFiles", "WorkbenchCore"],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "NetworksTests",
      dependencies: ["LinearAlgebra", "ModelGraph", "Networks", "WeightFiles", "WorkbenchCore"],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "MatchingTests",
      dependencies: [
        "LinearAlgebra", "Matching", "ModelGraph", "Networks", "WeightFiles", "WorkbenchCore",
      ],
      swiftSettings: settings()),
    .testTarget(
      name: "ConnectivityTests",
      dependencies: [
        "Connectivity", "LinearAlgebra", "ModelGraph", "Networks", "WeightFiles", "WorkbenchCore",
      ],
      swiftSettings: settings()),
    .testTarget(
      name: "MergingTests",
      dependencies: ["CKernels", "Merging", "ModelGraph", "WeightFiles", "WorkbenchCore"],
      exclude: ["Fixtures"],
      swiftSettings: settings()),
    .testTarget(
      name: "SignaturesTests",
      dependencies: [
        "CKernels", "LinearAlgebra", "ModelGraph", "Signatures", "WeightFiles", "WorkbenchCore",
        "wsl-catalog",
      ],
      swiftSettings: settings()),
    .testTarget(
      name: "SpectraTests",
      dependencies: ["LinearAlgebra", "ModelGraph", "Spectra", "WeightFiles", "WorkbenchCore"],
      exclude: ["Fixtures"],
      swiftSettings: settings()),
    .testTarget(
      name: "ProbesTests",
      dependencies: [
        "LinearAlgebra", "Probes", "WeightFiles", "WorkbenchCore",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "StudiesTests",
      dependencies: [
        "LinearAlgebra", "ModelGraph", "Networks", "Probes", "Studies", "WeightFiles",
        "WorkbenchCore", "Zoo",
      ],
      swiftSettings: settings()),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports", "WorkbenchCore"], swiftSettings: settings()),
    .testTarget(
      name: "ZooTests",
      dependencies: [
        "LinearAlgebra", "ModelGraph", "Networks", "WeightFiles", "WorkbenchCore", "Zoo",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "wslTests",
      dependencies: ["TestSupport", "WeightFiles", "WorkbenchCore", "wsl", "wsl-catalog"],
      exclude: ["Fixtures"], swiftSettings: settings()),
    // Every command's output beside what is recorded.
    .testTarget(
      name: "ContractTests", dependencies: ["TestSupport", "WorkbenchCore", "wsl", "wsl-catalog"],
      exclude: ["Golden"], swiftSettings: settings()),
  ] + fuzzTargets
)
