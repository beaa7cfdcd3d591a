import Catalogs
import Foundation
import Support
import Tensors
import Testing

@testable import WeightFiles

/// Real models and data, bit for bit as h5py reads them, and copies of them.
@Suite(.enabled(if: Fixtures.hasShared && Peer.python != nil, "needs ../shared and h5py"))
struct PeerTests {
  static var files: [String] {
    let models = (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.shared + "models"))
    return (models ?? []).filter { $0.hasSuffix(".h5") || $0.hasSuffix(".keras") }.sorted()
      .map { "models/" + $0 } + ["data/mnist.h5"]
  }

  @Test(arguments: files)
  func realFilesAreReadAsTheirWriterReadsThem(name: String) async throws {
    try await Fixtures.withFolder { folder in
      let path = Fixtures.shared + name
      #expect(try Peer.run("dump.py", [path, folder]).isEmpty)
      let names = try JSONDecoder().decode(
        [String].self, from: Data(Fixtures.read(folder + "names.json")))
      let file = try await WeightFile.open(path)
      #expect(!names.isEmpty && file.catalog.tensors.map(\.name).sorted() == names.sorted())
      for (index, name) in names.enumerated() {
        let bytes = try file.readBytes(file.entry(named: name))
        #expect(try bytes == Fixtures.read("\(folder)\(index).bin"), "\(name)")
      }
    }
  }

  @Test(arguments: files.filter { $0.hasPrefix("models/") })
  func copiesOfRealFilesHaveOnlyTheirChanges(name: String) async throws {
    try await Fixtures.withFolder { folder in
      let path = Fixtures.shared + name
      let file = try await WeightFile.open(path)
      var changes: [String: [UInt8]] = [:]
      for entry in file.catalog.tensors.prefix(6) where entry.elementType == .float32 {
        let values = try file.read(entry).values.map { -$0 }
        changes[entry.name] = entry.elementType.bytes(of: values)
      }
      let copy = folder + "copy." + (name.hasSuffix(".keras") ? "keras" : "h5")
      try await file.writeCopy(to: copy, replacing: changes, overwrites: false)
      try await WriteCopyTests.compareWithPeer(path, copy, changes, in: folder)
    }
  }
}
