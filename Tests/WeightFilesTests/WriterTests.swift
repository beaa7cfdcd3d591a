import Catalogs
import Foundation
import Support
import Testing

@testable import Archives
@testable import Tensors
@testable import WeightFiles

/// New files: read back here, and the same bytes each time.
@Suite struct WriterTests {
  static func document() -> HDF5Document {
    var document = HDF5Document()
    for (index, type) in ElementType.allCases.enumerated() where !type.isSmallFloat {
      let shape = [7, 3 + index]
      let values = (0..<(shape[0] * shape[1])).map { Float($0 % 5) * (type == .bool ? 0.25 : 1) }
      document.add("types/\(type.rawValue)", Tensor(shape: shape, values: values), as: type)
      let many = (0..<(300 * 700)).map { Float($0 % 251) }
      document.add("large/\(type.rawValue)", Tensor(shape: [300, 700], values: many), as: type)
    }
    document.add("scalar", Tensor(shape: [], values: [1.5]))
    document.add("none", Tensor(shape: [0, 3], values: []))
    document.groups = ["empty/inside"]
    document.attributes = [
      "": ["backend": .string("wsl"), "names": .strings(["a", "", "ü"]), "seed": .numbers([3])],
      "types": ["curve": .numbers([0.5, .infinity]), "empty": .strings([])],
      "scalar": ["long": .string(String(repeating: "x", count: 200_000))],
    ]
    return document
  }

  @Test(arguments: [HDF5Document.Compression.none, .gzip(level: 1), .gzip(level: 9)])
  func everythingIsReadBack(compression: HDF5Document.Compression) async throws {
    try await Fixtures.withFolder { folder in
      let document = Self.document()
      try document.write(to: folder + "a.h5", compression: compression, jobs: 1)
      try document.write(to: folder + "b.h5", compression: compression, jobs: 3)
      #expect(try Fixtures.read(folder + "a.h5") == Fixtures.read(folder + "b.h5"))
      let file = try await WeightFile.open(folder + "a.h5")
      for dataset in document.datasets {
        let entry = try file.entry(named: dataset.name)
        #expect(entry.shape == dataset.shape && entry.elementType == dataset.elementType)
        #expect(try file.readBytes(entry) == dataset.bytes, "\(dataset.name)")
      }
      #expect(file.catalog.tensors.count == document.datasets.count)
      #expect(file.catalog.skipped.isEmpty)
      #expect(file.catalog.groups == ["empty", "empty/inside", "large", "types"])
      for (object, values) in document.attributes {
        #expect(file.catalog.attributes[object] == values)
      }
      #expect(file.catalog.text("dtype", of: "types/BF16") == "bfloat16")
    }
  }

  @Test func contradictionsAndPlacesAreRefused() async throws {
    try await Fixtures.withFolder { folder in
      let short = HDF5Document.Dataset(
        name: "x", shape: [3], elementType: .float32, bytes: [0, 0, 0, 0])
      let nameless = HDF5Document.Dataset(name: "a//b", shape: [], elementType: .int8, bytes: [0])
      let twice = HDF5Document.Dataset(name: "b", shape: [], elementType: .int8, bytes: [0])
      for (datasets, code) in [
        ([short], Diagnostic.Code.usage), ([nameless], .usage), ([twice, twice], .cannotWrite),
      ] {
        let error = #expect(throws: Diagnostic.self) {
          try HDF5Document(datasets: datasets).write(to: folder + "x.h5")
        }
        #expect(error?.code == code, "\(String(describing: error))")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      try HDF5Document(datasets: [twice]).write(to: folder + "x.h5")
      #expect(throws: Diagnostic.self) { try HDF5Document().write(to: folder + "x.h5") }
      try HDF5Document().write(to: folder + "x.h5", overwrites: true)
      #expect(try await WeightFile.open(folder + "x.h5").catalog.tensors.isEmpty)
    }
  }

  @Test func aFullDiskIsOneClearError() async throws {
    // A process may not write beyond its limit on file sizes, nor may a full disk be written: both
    // fail a write half way. /dev/full stands in where there is one.
    let full = open("/dev/full", O_RDWR)
    try #require(full >= 0)
    defer { close(full) }
    let error = #expect(throws: Diagnostic.self) {
      try [UInt8](repeating: 1, count: 10).withUnsafeBytes {
        try writeFully($0, to: full, at: 0)
      }
    }
    #expect(error?.code == .cannotWrite)
    #expect(error?.description.contains("No space left") == true)
    #expect(error?.remedy == "make room and try again")
  }

  @Test func atomicFilesAreAllOrNothing() async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + "result.json"
      try AtomicFile.write(Array("one".utf8), to: path, overwrites: false)
      let error = #expect(throws: Diagnostic.self) {
        try AtomicFile.write(Array("two".utf8), to: path, overwrites: false)
      }
      #expect(error?.code == .cannotWrite)
      #expect(try Fixtures.read(path) == Array("one".utf8))
      try AtomicFile.write(Array("two".utf8), to: path, overwrites: true)
      #expect(try Fixtures.read(path) == Array("two".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["result.json"])
      #expect(throws: Diagnostic.self) {
        try AtomicFile.write([], to: folder + "none/x.json", overwrites: true)
      }
    }
  }
}
