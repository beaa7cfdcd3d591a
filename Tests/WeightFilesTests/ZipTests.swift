import Catalogs
import Foundation
import Support
import Tensors
import Testing

@testable import Archives
@testable import WeightFiles

/// Zip archives that lie: refused before anything of them is used. And those that Keras, Python and
/// zip tools write: read, and rewritten with the same members.
@Suite struct ZipTests {
  /// The bytes of an archive, with its parts known, to be spoilt.
  struct Parts {
    var bytes: [UInt8]
    let archive: ZipArchive

    init() throws {
      let path = Fixtures.path("small.keras")
      bytes = try Fixtures.read(path)
      archive = try ZipArchive(OpenFile(reading: path))
    }

    func entry(_ name: String) throws -> ZipEntry { try #require(archive.entry(named: name)) }

    /// Where a member's record begins in the directory.
    func record(_ name: String) throws -> Int {
      var offset = archive.directoryOffset
      for entry in archive.entries {
        if entry.text == name { return offset }
        offset += entry.centralRecord().count
      }
      throw Diagnostic(.failed, "no such member")
    }

    mutating func put(_ value: UInt32, at index: Int) {
      withUnsafeBytes(of: value.littleEndian) {
        bytes.replaceSubrange(index..<(index + 4), with: $0)
      }
    }
  }

  struct Lie: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var words: String
    var tell: @Sendable (inout Parts) throws -> Void
  }

  static let weights = "model.weights.h5"

  static let lies: [Lie] = [
    Lie(testDescription: "the directory lies beyond the end", words: "beyond its end") { parts in
      parts.put(0xFFFF_0000, at: parts.bytes.count - 6)
    },
    Lie(testDescription: "the directory is announced too large", words: "beyond its end") { parts in
      parts.put(0x0FFF_0000, at: parts.bytes.count - 10)
    },
    Lie(testDescription: "the directory is no directory", words: "directory is damaged") { parts in
      parts.put(0, at: parts.archive.directoryOffset)
    },
    Lie(testDescription: "a member is missing", words: "list each member once") { parts in
      parts.bytes[parts.bytes.count - 12] &+= 1
    },
    Lie(testDescription: "zip64 is announced and absent", words: "zip64") { parts in
      parts.put(.max, at: parts.bytes.count - 6)
    },
    Lie(testDescription: "two members are one", words: "contradicts") { parts in
      let other = try parts.entry("config.json").headerOffset
      parts.put(UInt32(other), at: try parts.record(weights) + 42)
    },
    Lie(testDescription: "the sizes contradict each other", words: "contradicts") { parts in
      parts.put(77, at: try parts.record(weights) + 20)
    },
    Lie(testDescription: "the checksums contradict each other", words: "contradicts") { parts in
      parts.put(77, at: try parts.record(weights) + 16)
    },
    Lie(testDescription: "the names contradict each other", words: "contradicts") { parts in
      parts.bytes[try parts.entry("config.json").headerOffset + 30] = 0x58
    },
    Lie(testDescription: "a path leads out", words: "leads out") { parts in
      for index in [
        try parts.entry("config.json").headerOffset + 30, try parts.record("config.json") + 46,
      ] {
        parts.bytes.replaceSubrange(index..<(index + 3), with: Array("../".utf8))
      }
    },
    Lie(testDescription: "a document is changed", words: "checksum of config.json") { parts in
      parts.bytes[try parts.entry("config.json").dataOffset + 5] ^= 1
    },
    Lie(testDescription: "the weights are no HDF5 file", words: "not an HDF5 file") { parts in
      parts.bytes[try parts.entry(weights).dataOffset] = 0
    },
    Lie(testDescription: "the weights end early", words: "truncated") { parts in
      // The superblock promises one byte more than the member has.
      let end = try parts.entry(weights).dataOffset + 40
      parts.put(UInt32(try parts.entry(weights).byteCount + 1), at: end)
    },
  ]

  @Test(arguments: lies)
  func isRefused(lie: Lie) async throws {
    try await Fixtures.withFolder { folder in
      var parts = try Parts()
      try lie.tell(&parts)
      try Fixtures.write(parts.bytes, to: folder + "x.keras")
      let error = await #expect(throws: Diagnostic.self) {
        try await WeightFile.open(folder + "x.keras")
      }
      let line = error?.description ?? ""
      #expect(error?.code == .badData && line.contains(lie.words), "\(line)")
    }
  }

  @Test func otherArchivesAreNamed() async throws {
    // An archive with one empty stored member of that name.
    func archive(_ name: String) throws -> [UInt8] {
      let source = try #require(try Parts().archive.entries.first)
      var entry = source
      entry.name = Array(name.utf8)
      entry.extra = []
      entry.method = 0
      (entry.byteCount, entry.storedByteCount, entry.checksum, entry.headerOffset) = (0, 0, 0, 0)
      let header = entry.localHeader()
      let record = entry.centralRecord()
      return header + record
        + ZipArchive.end(
          count: 1, directoryOffset: header.count, directoryByteCount: record.count, comment: [])
    }
    try await Fixtures.withFolder { folder in
      for (name, words) in [
        ("archive/data.pkl", "its pickle ends in the middle"),
        ("model.weights.npz", ".npz"), ("readme.txt", "none is a weight file"),
      ] {
        try Fixtures.write(archive(name), to: folder + "x.zip")
        let error = await #expect(throws: Diagnostic.self) {
          try await WeightFile.open(folder + "x.zip")
        }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      }
    }
  }

  @Test(arguments: [0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_2345_6789])
  func largeNumbersGoThroughZip64(number: Int) throws {
    var entry = try Parts().entry(Self.weights)
    entry.byteCount = number
    entry.storedByteCount = number - 1
    entry.headerOffset = number + 1
    var cursor = ByteCursor(entry.centralRecord()[...])
    let back = try #require(ZipEntry(&cursor))
    #expect(back.byteCount == number && back.storedByteCount == number - 1)
    #expect(back.headerOffset == number + 1 && cursor.remaining == 0 && back.name == entry.name)
  }

  @Test func interruptedCopiesLeaveNothing() async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Fixtures.path("layouts.h5"))
      let changes = try WriteCopyTests.replacements(for: file)
      for delay in [0, 2, 5, 10, 20] {
        let target = folder + "\(delay).h5"
        let task = Task {
          try await file.writeCopy(to: target, replacing: changes, overwrites: false)
        }
        try await Task.sleep(for: .milliseconds(delay))
        task.cancel()
        let result = await task.result
        let left = try FileManager.default.contentsOfDirectory(atPath: folder)
        switch result {
        case .success: #expect(left == ["\(delay).h5"])
        case .failure(let error):
          #expect((error as? Diagnostic)?.code == .interrupted, "\(error)")
          #expect(left.isEmpty)
        }
        try? FileManager.default.removeItem(atPath: target)
      }
    }
  }

  @Test func aKnownCatalogueIsReopenedWithoutAWorker() async throws {
    for name in ["layouts.h5", "small.keras"] {
      let first = try await WeightFile.open(Fixtures.path(name))
      let second = try WeightFile.reopen(first.catalog)
      let names = first.catalog.tensors.filter { $0.elementType == .float32 }.map(\.name)
      #expect(try second.read(names) == first.read(names, jobs: 1))
    }
    let inflated = try await WeightFile.open(Fixtures.path("deflated.keras"))
    #expect(!inflated.catalog.isAddressable)
    #expect(throws: Diagnostic.self) { try WeightFile.reopen(inflated.catalog) }
  }

  @Test func attributesAndProducersAreTold() async throws {
    let file = try await WeightFile.open(Fixtures.path("attributes.h5"))
    let root = file.catalog.attributes[""] ?? [:]
    #expect(root["text"] == .string("words") && root["bytes"] == .string("fixed"))
    #expect(root["texts"] == .strings(["one", "zwei", "三"]))
    #expect(root["fixed_texts"] == .strings(["one", "three"]))
    #expect(root["number"] == .numbers([3]) && root["truth"] == .numbers([1]))
    #expect(root["numbers"] == .numbers([1.5, -2, 1e300]) && root["none"] == .numbers([]))
    #expect(file.catalog.skipped.map(\.name) == ["@compound"])
    let names = file.catalog.texts("layer_names", of: "model_weights")
    #expect(names == (0..<7).map { "layer_\($0)" })
    for (name, words) in [
      ("small.keras", "Keras 3."), ("small.h5", "Keras 3."), ("layouts.h5", nil as String?),
    ] {
      let producer = try await WeightFile.open(Fixtures.path(name)).catalog.producer
      #expect(words.map { producer?.hasPrefix($0) == true } ?? (producer == nil), "\(name)")
    }
    let small = try await WeightFile.open(Fixtures.path("small.keras"))
    #expect(small.catalog.format == .keras)
    #expect(small.catalog.documents.keys.sorted() == ["config.json", "metadata.json"])
    let latest = try await WeightFile.open(Fixtures.path("latest.h5"))
    #expect(latest.catalog.tensors.first?.name == "zz_first")  // the order of creation
  }
}
