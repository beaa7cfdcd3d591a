import Catalogs
import Foundation
import Support
import Tensors
import Testing

@testable import Formats
@testable import WeightFiles

/// Copies in which some tensors changed: read back here, and by h5py where it is at hand.
@Suite struct WriteCopyTests {
  static let files = [
    "types.h5", "layouts.h5", "latest.h5", "links.h5", "attributes.h5", "userblock.h5", "small.h5",
    "small.weights.h5", "small.keras", "deflated.keras", "brain.weights.h5",
    "filters.h5",
  ]

  /// Other elements for every tensor that can be written.
  static func replacements(for file: WeightFile) throws -> [String: [UInt8]] {
    var random = SystemRandomNumberGenerator()
    var replacements: [String: [UInt8]] = [:]
    for entry in file.catalog.tensors where FilterPipeline.unwritableFilter(of: entry) == nil {
      replacements[entry.name] =
        entry.elementType == .bool
        ? (0..<entry.byteCount).map { _ in UInt8.random(in: 0...1, using: &random) }
        : (0..<entry.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
    // A data set of several names has one value.
    for sharing in file.catalog.sharedStorage() {
      for name in sharing.names.dropFirst() { replacements[name] = replacements[sharing.names[0]] }
    }
    return replacements
  }

  @Test(arguments: files)
  func changedTensorsAreReadBackAndOthersAreUntouched(name: String) async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Fixtures.path(name))
      let all = try Self.replacements(for: file)
      #expect(!all.isEmpty)
      // Every second tensor is changed; then all.
      let names = all.keys.sorted()
      let sharing = file.catalog.sharedStorage().map(\.names)
      let half = all.filter { pair in
        let first = sharing.first { $0.contains(pair.key) }?[0] ?? pair.key
        return names.firstIndex(of: first).map { $0 % 2 == 0 } ?? false
      }
      for (number, chosen) in [half, all].enumerated() {
        let target = folder + "\(number)-" + name
        try await file.writeCopy(to: target, replacing: chosen, overwrites: false)
        let copy = try await WeightFile.open(target)
        #expect(copy.catalog.tensors.map(\.name) == file.catalog.tensors.map(\.name))
        #expect(copy.catalog.attributes == file.catalog.attributes)
        #expect(copy.catalog.documents == file.catalog.documents)
        for entry in file.catalog.tensors where FilterPipeline.unknownFilter(of: entry) == nil {
          let written = try copy.entry(named: entry.name)
          #expect(written.filters == entry.filters)
          let bytes = try copy.readBytes(written)
          #expect(try bytes == chosen[entry.name] ?? file.readBytes(entry), "\(entry.name)")
        }
        try await Self.compareWithPeer(Fixtures.path(name), target, chosen, in: folder)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count <= 3)
    }
  }

  /// Compares with h5py, where `WSL_PEER_PYTHON` names a Python that has it.
  static func compareWithPeer(
    _ original: String, _ copy: String, _ changed: [String: [UInt8]], in folder: String
  ) async throws {
    guard Peer.python != nil else { return }
    let hex = changed.mapValues { bytes in
      bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
    try JSONEncoder().encode(hex).write(to: URL(filePath: folder + "changed.json"))
    let answer = try Peer.run("check_copy.py", [original, copy, folder + "changed.json"])
    #expect(answer == "same\n", "\(original)")
  }

  @Test func theSameCopyIsTheSameBytes() async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Fixtures.path("layouts.h5"))
      var changes = try Self.replacements(for: file)
      // libhdf5 stamps the time of the change beside elements that lie in an object's header.
      changes["compact"] = nil
      for name in ["one.h5", "two.h5"] {
        try await file.writeCopy(to: folder + name, replacing: changes, overwrites: false)
      }
      #expect(try Fixtures.read(folder + "one.h5") == Fixtures.read(folder + "two.h5"))
    }
  }

  @Test func refusals() async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + "model.h5"
      try Fixtures.write(try Fixtures.read(Fixtures.path("small.h5")), to: path)
      let before = try Fixtures.read(path)
      let file = try await WeightFile.open(path)
      let manager = FileManager.default
      try manager.createSymbolicLink(atPath: folder + "soft.h5", withDestinationPath: path)
      try manager.linkItem(atPath: path, toPath: folder + "hard.h5")
      try Fixtures.write([1, 2, 3], to: folder + "other.h5")
      let entry = try #require(file.catalog.tensors.first)
      let cases: [(String, [String: [UInt8]], Bool, Diagnostic.Code)] = [
        (path, [:], true, .cannotWrite),
        (folder + "./model.h5", [:], true, .cannotWrite),
        (folder + "soft.h5", [:], true, .cannotWrite),
        (folder + "hard.h5", [:], true, .cannotWrite),
        (folder + "other.h5", [:], false, .cannotWrite),
        (folder + "no/such/folder.h5", [:], false, .cannotWrite),
        (folder, [:], true, .cannotWrite), ("/dev/null", [:], true, .cannotWrite),
        ("/proc/nothing.h5", [:], false, .cannotWrite), ("", [:], false, .cannotWrite),
        (folder + "new.h5", [entry.name: [1, 2]], false, .usage),
        (folder + "new.h5", ["nothing": []], false, .badData),
      ]
      for (target, changes, overwrites, code) in cases {
        await #expect {
          try await file.writeCopy(to: target, replacing: changes, overwrites: overwrites)
        } throws: { error in
          (error as? Diagnostic)?.code == code
        }
      }
      #expect(try Fixtures.read(path) == before)
      #expect(try Fixtures.read(folder + "other.h5") == [1, 2, 3])
      let left = try manager.contentsOfDirectory(atPath: folder).sorted()
      #expect(left == ["hard.h5", "model.h5", "other.h5", "soft.h5"])
      try await file.writeCopy(to: folder + "other.h5", replacing: [:], overwrites: true)
      #expect(try Fixtures.read(folder + "other.h5") == before)
    }
  }

  @Test func aForeignFilterIsRefusedBeforeAnythingIsWritten() async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Fixtures.path("layouts.h5"))
      for name in ["scaleoffset/edges"] {
        let entry = try file.entry(named: name)
        await #expect(throws: Diagnostic.self) {
          try await file.writeCopy(
            to: folder + "new.h5",
            replacing: [name: [UInt8](repeating: 0, count: entry.byteCount)], overwrites: false)
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func blocksAreHeldWithinTheBudget() async throws {
    #expect(copyGroups(of: [5, 5, 20, 1, 0, 9], within: 10) == [0..<2, 2..<3, 3..<6])
    #expect(copyGroups(of: [], within: 10).isEmpty)
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Fixtures.path("layouts.h5"))
      let changes = try Self.replacements(for: file)
      for budget in [0, 1 << 20] {
        let target = folder + "\(budget).h5"
        try await file.writeCopy(
          to: target,
          computing: changes.mapValues { bytes in
            TensorReplacement(heldByteCount: bytes.count) { _ in ComputedElements(bytes: bytes) }
          }, WritingOptions(budget: budget))
        let copy = try await WeightFile.open(target)
        for (name, bytes) in changes {
          #expect(try copy.readBytes(copy.entry(named: name)) == bytes, "\(name)")
        }
      }
    }
  }
}
