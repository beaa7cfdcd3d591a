import Catalogs
import Foundation
import Support
import Testing

@testable import WeightFiles

/// Zip archives of PyTorch's that are unusual, which are read, and that lie, which are refused.
@Suite struct PyTorchArchiveTests {
  struct Trick: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What the error says; empty where the file is sound.
    var words: String
    var play: @Sendable (inout ZipMaker) -> Void

    init(_ name: String, _ words: String, _ play: @escaping @Sendable (inout ZipMaker) -> Void) {
      (testDescription, self.words, self.play) = (name, words, play)
    }
  }

  static let tricks: [Trick] = [
    Trick("nothing", "") { _ in },
    Trick("sizes after the data", "") { zip in
      for index in zip.members.indices { zip.members[index].hasDescriptor = true }
    },
    Trick("sizes in the zip64 way", "") { zip in
      for index in zip.members.indices { zip.members[index].isWide = true }
    },
    Trick("a member that nothing names", "") { zip in
      zip.members.append(.init(name: "views/readme", bytes: [1, 2, 3]))
    },
    Trick("one storage in place of another", "contradicts its directory") { zip in
      zip.members[zip.index("data/1")].headerOf = zip.index("data/0")
    },
    Trick("a storage that reaches over the next", "members overlap") { zip in
      let index = zip.index("data/0")
      zip.members[index].byteCount = UInt32(zip.members[index].bytes.count + 20)
      zip.members[index].storedByteCount = zip.members[index].byteCount
    },
    Trick("a stored size that is another", "contradict each other") { zip in
      let index = zip.index("data/0")
      zip.members[index].byteCount = UInt32(zip.members[index].bytes.count + 4)
    },
    Trick("a storage beyond the end", "beyond its end") { zip in
      let index = zip.index("data/0")
      zip.members[index].byteCount = 1 << 30
      zip.members[index].storedByteCount = 1 << 30
    },
    Trick("an encrypted storage", "is encrypted") { zip in
      zip.members[zip.index("data/0")].flags = 1
    },
    Trick("an encrypted pickle", "is encrypted") { zip in
      zip.members[zip.index("data.pkl")].flags = 1
    },
    Trick("a name twice", "list each member once") { zip in
      zip.members.append(zip.members[zip.index("data/0")])
    },
    Trick("a path that leads out", "leads out") { zip in
      zip.members.append(.init(name: "views/../../.bashrc", bytes: [1]))
    },
    Trick("an absolute path", "leads out") { zip in
      zip.members.append(.init(name: "/etc/passwd", bytes: [1]))
    },
    Trick("a compression of its own", "compressed in a way that is not read") { zip in
      zip.members[zip.index("data/0")].method = 12
    },
    Trick("a storage that inflates to terabytes", "absurd") { zip in
      let index = zip.index("data/0")
      zip.members[index].method = 8
      zip.members[index].byteCount = 0xFFFF_FFF0
    },
    Trick("two pickles", "several pickles") { zip in
      zip.members.append(.init(name: "other/data.pkl", bytes: [0x80, 2, 0x7D, 0x2E]))
    },
    Trick("a storage that is not there", "is not in the file") { zip in
      zip.members.remove(at: zip.index("data/0"))
    },
    Trick("a storage cut short", "claims") { zip in
      zip.members[zip.index("data/0")].bytes.removeLast(4)
    },
    Trick("a pickle that was changed", "checksum of") { zip in
      zip.members[zip.index("data.pkl")].checksum = 7
    },
    Trick("a byte order of its own", "byte order is \"middle\"") { zip in
      zip.members.append(.init(name: "views/byteorder", bytes: Array("middle".utf8)))
    },
  ]

  @Test(arguments: tricks)
  func isReadOrRefused(trick: Trick) async throws {
    try await Fixtures.withFolder { folder in
      let path = Fixtures.path("pytorch/views.pt")
      var maker = try ZipMaker(path)
      trick.play(&maker)
      try Fixtures.write(maker.bytes(), to: folder + "x.pt")
      guard !trick.words.isEmpty else {
        let (made, sound) = try await (WeightFile.open(folder + "x.pt"), WeightFile.open(path))
        #expect(made.catalog.tensors.map(\.name) == sound.catalog.tensors.map(\.name))
        for (entry, truth) in zip(made.catalog.tensors, sound.catalog.tensors) {
          #expect(try made.readBytes(entry) == sound.readBytes(truth), "\(entry.name)")
        }
        return
      }
      let error = await #expect(throws: Diagnostic.self) {
        try await WeightFile.open(folder + "x.pt")
      }
      let line = error?.description ?? ""
      #expect(error?.code == .badData && line.contains(trick.words), "\(line)")
    }
  }

  static let damages: [(String, String, @Sendable (inout [UInt8]) -> Void)] = [
    ("a header's checksum", "checksum of a header", { $0[0] = 0x58 }),
    ("cut within a header", "ends within a header", { $0 = Array($0.prefix(300)) }),
    ("cut within a member", "beyond its end", { $0 = Array($0.prefix(600)) }),
    ("no pickle", "none is a weight file", { $0 = Array($0.prefix(0x400) + $0.suffix(1024)) }),
  ]

  @Test(arguments: damages.indices)
  func damagedTarsAreRefused(index: Int) async throws {
    let (name, words, damage) = Self.damages[index]
    try await Fixtures.withFolder { folder in
      var bytes = try Fixtures.read(Fixtures.path("pytorch/nested.tar.pth"))
      damage(&bytes)
      try Fixtures.write(bytes, to: folder + "x.pth")
      let error = await #expect(throws: Diagnostic.self) {
        try await WeightFile.open(folder + "x.pth")
      }
      let line = error?.description ?? ""
      #expect(error?.code == .badData && line.contains(words), "\(name): \(line)")
    }
  }
}
