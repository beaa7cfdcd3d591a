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
  "Archives", "CElements", "CHDF5", "CatalogWire", "Catalogs", "Datasets", "Formats", "Matching",
  "ModelGraph", "Signatures", "Specs", "Support", "Tensors", "WeightFiles", "ZooIndex", "ZooSpecs",
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

/// Kernels of a subject. What all of them share, `clones.h` and `elements.h`, lies beside those of elements.
func kernels(_ name: String) -> Target {
  .target(
    name: name, dependencies: ["CElements"], cSettings: [.headerSearchPath("../CElements")])
}

/// What other packages may import: see Examples. Each has an article beside its sources.
let libraries = [
  "Connectivity", "LinearAlgebra", "Matching", "Merging", "ModelGraph", "Probes", "Signatures",
  "Spectra", "Tensors", "WeightFiles", "Workbench",
]

let package = Package(
  name: "wsl",
  products: [
    .executable(name: "wsl", targets: ["wsl"]),
    .executable(name: "wsl-catalog", targets: ["wsl-catalog"]),
  ]
    + libraries.map { .library(name: $0, targets: [$0]) },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.5.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
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

    // Inner loops compiled for several instruction sets, a target a subject.
    .target(name: "CElements"),
    kernels("CAssignment"), kernels("CCodecs"), kernels("CEigenvalues"), kernels("CKernels"),
    kernels("CMerging"), kernels("CPatching"),

    // What every module needs: errors, progress, parallel loops, JSON.
    .target(name: "Support", dependencies: ["COpenSSL"], swiftSettings: settings()),
    .target(
      name: "Specs", dependencies: ["Support", .product(name: "Yams", package: "Yams")],
      swiftSettings: settings()),

    // Weight files, from numbers in memory to folders of shards.
    .target(name: "Tensors", dependencies: ["CElements", "Support"], swiftSettings: settings()),
    .target(name: "Catalogs", dependencies: ["Support", "Tensors"], swiftSettings: settings()),
    .target(
      name: "Archives",
      dependencies: [
        "CDeflate", "CLinux", "CXXHash", "CZlib", "CZstd", "Catalogs", "Support", "Tensors",
      ],
      swiftSettings: settings()),
    .target(
      name: "Formats",
      dependencies: [
        "Archives", "CBlosc", "CCodecs", "CDeflate", "CHDF5", "CLZ4", "CLinux", "CXXHash",
        "CatalogWire", "Catalogs", "Support", "Tensors",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings()),
    .target(
      name: "WeightFiles",
      dependencies: [
        "Archives", "CBlosc", "CDeflate", "CHDF5", "CLZ4", "CLinux", "CXXHash", "CZlib", "CZstd",
        "CatalogWire", "Catalogs", "Formats", "Support", "Tensors",
      ],
      swiftSettings: settings()),

    // The isolated worker that opens HDF5 files, and the words it speaks.
    .target(name: "CatalogWire", swiftSettings: settings()),
    .executableTarget(
      name: "wsl-catalog", dependencies: ["CHDF5", "CLinux", "CatalogWire"],
      swiftSettings: settings()),

    // Descriptions of families of networks, compiled in.
    .target(name: "CFamilies", exclude: ["families", "make_list.sh"]),

    // Networks as graphs and as numbers. None of these knows a file.
    .target(
      name: "LinearAlgebra",
      dependencies: [
        "CAssignment", "CBLAS", "CEigenvalues", "CElements", "CLAPACK", "Support",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: settings()),
    .target(
      name: "ModelGraph",
      dependencies: [
        "CFamilies", "Catalogs", "Specs", "Support", "Tensors",
      ],
      swiftSettings: settings(strict: true)),
    .target(
      name: "Networks",
      dependencies: [
        "CKernels", "COneDNN", "LinearAlgebra", "ModelGraph", "Support", "Tensors",
      ],
      swiftSettings: settings()),
    .target(
      name: "Matching",
      dependencies: ["LinearAlgebra", "ModelGraph", "Networks", "Support", "Tensors"],
      swiftSettings: settings()),
    .target(
      name: "Connectivity",
      dependencies: ["Catalogs", "LinearAlgebra", "ModelGraph", "Networks", "Support", "Tensors"],
      swiftSettings: settings(strict: true)),

    .target(
      name: "Curvature",
      dependencies: ["LinearAlgebra", "ModelGraph", "Networks", "Support", "Tensors"],
      swiftSettings: settings()),
    .target(
      name: "Phases", dependencies: ["LinearAlgebra", "Support"],
      swiftSettings: settings(strict: true)),

    // Data sets, and the subjects that read and write files.
    .target(
      name: "Datasets",
      dependencies: [
        "Archives", "CImages", "Catalogs", "Formats", "LinearAlgebra", "Networks", "Support",
        "Tensors", "WeightFiles",
      ],
      exclude: ["Resources/make_austen.py", "Resources/make_digits.py"],
      resources: [.copy("Resources/austen.txt"), .copy("Resources/digits.h5")],
      swiftSettings: settings()),
    .target(
      name: "Merging",
      dependencies: [
        "CElements", "CMerging", "Catalogs", "LinearAlgebra", "ModelGraph", "Specs", "Support",
        "Tensors", "WeightFiles",
      ],
      swiftSettings: settings()),
    .target(
      name: "Signatures",
      dependencies: [
        "Archives", "CCodecs", "CElements", "CPatching", "Catalogs", "LinearAlgebra", "ModelGraph",
        "Support", "Tensors", "WeightFiles",
      ],
      swiftSettings: settings()),
    .target(
      name: "Spectra",
      dependencies: [
        "Catalogs", "LinearAlgebra", "ModelGraph", "Support", "Tensors", "WeightFiles",
      ],
      swiftSettings: settings()),
    .target(
      name: "Probes",
      dependencies: [
        "Catalogs", "LinearAlgebra", "Networks", "Support", "Tensors", "WeightFiles",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: settings()),

    // Zoos: what describes them, the index of one, and training one.
    .target(
      name: "ZooSpecs",
      dependencies: [
        "Catalogs", "Datasets", "LinearAlgebra", "ModelGraph", "Networks", "Specs", "Support",
      ],
      swiftSettings: settings(strict: true)),
    .target(
      name: "ZooIndex",
      dependencies: [
        "Archives", "Catalogs", "Curvature", "Formats", "LinearAlgebra", "ModelGraph", "Networks",
        "Specs", "Spectra", "Support", "Tensors", "WeightFiles", "ZooSpecs",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: settings(strict: true)),
    .target(
      name: "ZooBuilding",
      dependencies: [
        "Archives", "Catalogs", "Datasets", "LinearAlgebra", "ModelGraph", "Networks", "Support",
        "Tensors", "WeightFiles", "ZooSpecs",
      ],
      swiftSettings: settings(strict: true)),

    // Pairs, populations and studies; pages.
    .target(
      name: "Reports", dependencies: ["Support"], swiftSettings: settings(strict: true)),
    .target(
      name: "Workbench",
      dependencies: [
        "Catalogs", "Connectivity", "Curvature", "Datasets", "LinearAlgebra", "Matching",
        "ModelGraph", "Networks", "Phases", "Probes", "Reports", "Signatures", "Spectra", "Support",
        "Tensors", "WeightFiles", "ZooIndex",
      ],
      swiftSettings: settings()),
    .target(
      name: "Serving",
      dependencies: [
        "Catalogs", "LinearAlgebra", "ModelGraph", "Reports", "Support", "WeightFiles", "ZooIndex",
        .product(name: "FlyingFox", package: "FlyingFox"),
      ],
      swiftSettings: settings()),
    .executableTarget(
      name: "wsl",
      dependencies: [
        "Archives", "CLinux", "Catalogs", "Connectivity", "Curvature", "Datasets", "Formats",
        "LinearAlgebra", "Matching", "Merging", "ModelGraph", "Networks", "Phases", "Probes",
        "Reports", "Serving",
        "Signatures",
        "Spectra", "Support", "Tensors", "WeightFiles", "Workbench", "ZooBuilding",
        "ZooIndex", "ZooSpecs",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings()),

    // Our side of the benchmarks; Benchmarks/run.sh runs it beside the peers.
    .executableTarget(
      name: "wsl-bench",
      dependencies: [
        "Curvature", "LinearAlgebra", "Matching", "Merging", "ModelGraph", "Datasets", "Networks",
        "Probes", "Spectra", "Archives", "Catalogs", "Formats", "Tensors", "WeightFiles",
        "Support",
      ],
      path: "Benchmarks/Suite", swiftSettings: settings()),

    // Tests, one target a module, and what they share.
    .target(
      name: "TestSupport", dependencies: ["Support"], path: "Tests/TestSupport",
      swiftSettings: settings()),
    .testTarget(
      name: "SupportTests", dependencies: ["Specs", "Support"], swiftSettings: settings()),
    .testTarget(
      name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "Support"],
      swiftSettings: settings()),
    .testTarget(
      name: "WeightFilesTests",
      dependencies: [
        "CatalogWire", "Archives", "Catalogs", "Formats", "Tensors", "WeightFiles", "Support",
        "wsl-catalog",
      ],
      exclude: ["Fixtures", "Peers"], swiftSettings: settings()),
    .testTarget(
      name: "ModelGraphTests",
      dependencies: [
        "ModelGraph", "Archives", "Catalogs", "Formats", "Tensors", "WeightFiles", "Support",
      ],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "NetworksTests",
      dependencies: [
        "LinearAlgebra", "ModelGraph", "Datasets", "Networks", "Archives", "Catalogs", "Formats",
        "Tensors", "WeightFiles", "Support",
      ],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "MatchingTests",
      dependencies: [
        "LinearAlgebra", "Matching", "ModelGraph", "Datasets", "Networks", "Archives", "Catalogs",
        "Formats", "Tensors", "WeightFiles", "Support",
      ],
      swiftSettings: settings()),
    .testTarget(
      name: "ConnectivityTests",
      dependencies: [
        "Connectivity", "LinearAlgebra", "ModelGraph", "Datasets", "Networks", "Archives",
        "Catalogs", "Formats", "Tensors", "WeightFiles", "Support",
      ],
      swiftSettings: settings()),
    .testTarget(
      name: "CurvatureTests",
      dependencies: [
        "Curvature", "LinearAlgebra", "ModelGraph", "Networks", "Archives", "Catalogs", "Datasets",
        "Formats", "Tensors", "WeightFiles", "Support",
      ],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "MergingTests",
      dependencies: [
        "CElements", "CMerging", "Merging", "ModelGraph", "Archives", "Catalogs", "Formats",
        "Tensors",
        "WeightFiles", "Support",
      ],
      exclude: ["Fixtures"],
      swiftSettings: settings()),
    .testTarget(
      name: "SignaturesTests",
      dependencies: [
        "CElements", "LinearAlgebra", "ModelGraph", "Signatures", "Archives", "Catalogs", "Formats",
        "Tensors", "WeightFiles", "Support",
        "wsl-catalog",
      ],
      swiftSettings: settings()),
    .testTarget(
      name: "SpectraTests",
      dependencies: [
        "LinearAlgebra", "ModelGraph", "Spectra", "Archives", "Catalogs", "Formats", "Tensors",
        "WeightFiles", "Support",
      ],
      exclude: ["Fixtures"],
      swiftSettings: settings()),
    .testTarget(
      name: "ProbesTests",
      dependencies: [
        "LinearAlgebra", "Probes", "Archives", "Catalogs", "Formats", "Tensors", "WeightFiles",
        "Support",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "PhasesTests", dependencies: ["LinearAlgebra", "Phases", "Support"],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "WorkbenchTests",
      dependencies: [
        "LinearAlgebra", "ModelGraph", "Datasets", "Networks", "Phases", "Probes", "Workbench",
        "Archives",
        "Catalogs", "Formats", "Tensors", "WeightFiles",
        "Support", "ZooBuilding", "ZooIndex", "ZooSpecs",
      ],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports", "Support"], swiftSettings: settings()),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "Archives", "Catalogs", "Formats", "LinearAlgebra", "Reports", "Serving", "Support",
        "Tensors", "WeightFiles", "ZooIndex",
      ],
      swiftSettings: settings()),
    .testTarget(
      name: "ZooIndexTests",
      dependencies: [
        "LinearAlgebra", "ModelGraph", "Datasets", "Networks", "Archives", "Catalogs", "Formats",
        "Tensors", "WeightFiles", "Support", "Workbench", "ZooBuilding", "ZooIndex", "ZooSpecs",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Fixtures"], swiftSettings: settings()),
    .testTarget(
      name: "wslTests",
      dependencies: [
        "Archives", "Catalogs", "Formats", "Tensors", "WeightFiles", "Support", "TestSupport",
        "wsl",
        "wsl-catalog",
      ],
      exclude: ["Fixtures"], swiftSettings: settings()),
    // What the articles of the products show, compiled as another package would: without our settings.
    .testTarget(
      name: "ArticleTests",
      dependencies: libraries.map { .init(stringLiteral: $0) } + ["TestSupport"],
      swiftSettings: [.swiftLanguageMode(.v6)]),
    // Every command's output beside what is recorded.
    .testTarget(
      name: "ContractTests", dependencies: ["Support", "TestSupport", "wsl", "wsl-catalog"],
      exclude: ["Golden"], swiftSettings: settings()),
  ] + fuzzTargets
)

// `make test-threads-short` compiles what a few suites need, and nothing else.
if let chosen = Context.environment["WSL_TESTS"] {
  var needed: Set<String> = []
  var open = chosen.split(separator: " ").map(String.init)
  while let name = open.popLast() {
    guard needed.insert(name).inserted else { continue }
    for dependency in package.targets.first(where: { $0.name == name })?.dependencies ?? [] {
      switch dependency {
      case .targetItem(let name, _), .byNameItem(let name, _): open.append(name)
      default: break
      }
    }
  }
  package.targets.removeAll { !needed.contains($0.name) }
  package.products = []
}
