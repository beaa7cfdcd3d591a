import Catalogs
import Foundation
import Support
import Testing

@testable import Archives
@testable import Formats
@testable import WeightFiles

/// Members of archives are read like files: the same tensors, whatever the archive is.
@Suite("Archives of weight files")
struct ArchiveTests {
  private static let members = [
    "small.h5", "small.keras", "latest.h5", "filters.h5", "formats/small.safetensors",
    "formats/stored.npz", "formats/plain.npy", "formats/small.onnx", "pytorch/views.pt",
    "formats/sharded/model.safetensors.index.json",
    "formats/sharded/model-00001-of-00002.safetensors",
    "formats/sharded/model-00002-of-00002.safetensors",
  ]

  /// Makes a tar archive of fixtures, each below a folder of that name.
  private static func tar(_ path: String, _ options: [String], below folder: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["tar", "-C", Fixtures.folder] + options
      + ["--transform", "s,^,\(folder)/,", "-cf", path] + members
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  /// Compares every tensor of a member with the fixture's.
  private static func compare(_ archive: String, below folder: String) async throws {
    var compared = 0
    for name in members where !name.contains("-of-") {
      let file = try await WeightFile.open(Fixtures.path(name))
      let member = try await WeightFile.open("\(archive)#\(folder)/\(name)")
      #expect(member.catalog.tensors.map(\.name) == file.catalog.tensors.map(\.name))
      #expect(member.catalog.attributes == file.catalog.attributes)
      #expect(!member.catalog.isAddressable && !file.catalog.tensors.isEmpty)
      for (one, two) in zip(member.catalog.tensors, file.catalog.tensors) {
        // What is not read from the file is not read from the archive either.
        guard FilterPipeline.unknownFilter(of: two) == nil else {
          #expect(throws: Diagnostic.self) { try member.readBytes(one) }
          continue
        }
        #expect(try member.readBytes(one) == file.readBytes(two), "\(name): \(one.name)")
        compared += 1
      }
    }
    #expect(compared > 60)
  }

  @Test(
    "tar archives, with long names in each of their forms, plain and compressed as a whole",
    arguments: ["gnu", "pax", "ustar"])
  func tars(format: String) async throws {
    let long = Array(repeating: "a-folder-with-a-long-name", count: 4).joined(separator: "/")
    try await Fixtures.withFolder { folder in
      try Self.tar(folder + "zoo.tar", ["--format", format], below: long)
      try await Self.compare(folder + "zoo.tar", below: long)
      if format == "gnu" {
        try Self.tar(folder + "zoo.tgz", ["--format", format, "-z"], below: "x")
        try await Self.compare(folder + "zoo.tgz", below: "x")
      }
    }
  }

  @Test("zip archives, stored and compressed")
  func zips() async throws {
    try await Fixtures.withFolder { folder in
      let members = try Self.members.enumerated().map { index, name in
        var member = ZipMaker.Member(
          name: "z/" + name, bytes: try Fixtures.read(Fixtures.path(name)))
        // The form of deflate that stores its blocks.
        if index.isMultiple(of: 2), member.bytes.count <= 0xFFFF {
          let count = UInt16(member.bytes.count)
          member.checksum = ZipMaker.checksum(of: member.bytes)
          member.byteCount = UInt32(count)
          var deflated: [UInt8] = [1]
          append(count, to: &deflated)
          append(~count, to: &deflated)
          member.bytes = deflated + member.bytes
          member.method = 8
        }
        return member
      }
      #expect(members.contains { $0.method == 8 } && members.contains { $0.method == 0 })
      try Fixtures.write(ZipMaker(members).bytes(), to: folder + "zoo.zip")
      try await Self.compare(folder + "zoo.zip", below: "z")
    }
  }

  @Test("a zip archive is one of NumPy's by its name, or where all models in it are arrays")
  func arrays() async throws {
    try await Fixtures.withFolder { folder in
      let array = ZipMaker.Member(
        name: "a.npy", bytes: try Fixtures.read(Fixtures.path("formats/plain.npy")))
      let other = ZipMaker.Member(
        name: "b.h5", bytes: try Fixtures.read(Fixtures.path("small.h5")))
      let note = ZipMaker.Member(name: "note.txt", bytes: [1])
      for (name, members, isModel) in [
        ("x.zip", [array, note], true), ("y.npz", [array, other], true),
        ("z.zip", [array, other], false), ("w.npz", [other], false),
      ] {
        try Fixtures.write(ZipMaker(members).bytes(), to: folder + name)
        switch try await WeightFile.openAny(folder + name) {
        case .model(let file): #expect(isModel && file.catalog.tensors.map(\.name) == ["a"])
        case .archive(let archive): #expect(!isModel && archive.members.count == members.count)
        }
      }
    }
  }

  @Test("a copy of a member is a file of its own, with what was changed")
  func copies() async throws {
    try await Fixtures.withFolder { folder in
      try Self.tar(folder + "zoo.tar", [], below: "x")
      for name in ["small.h5", "small.keras", "formats/small.safetensors"] {
        let member = try await WeightFile.open("\(folder)zoo.tar#x/\(name)")
        let target = folder + "copy." + (name as NSString).pathExtension
        let entry = try #require(member.catalog.tensors.first { $0.byteCount > 0 })
        let zeros = [UInt8](repeating: 0, count: entry.byteCount)
        try await member.writeCopy(to: target, replacing: [entry.name: zeros], overwrites: false)
        let copy = try await WeightFile.open(target)
        for other in member.catalog.tensors {
          let wanted = other.name == entry.name ? zeros : try member.readBytes(other)
          #expect(try copy.readBytes(try copy.entry(named: other.name)) == wanted)
        }
      }
    }
  }

  @Test("what is no model is refused, with what to do")
  func refusals() async throws {
    try await Fixtures.withFolder { folder in
      let small = ZipMaker.Member(
        name: "a.h5", bytes: try Fixtures.read(Fixtures.path("small.h5")))
      let inner = ZipMaker.Member(name: "inner.zip", bytes: ZipMaker([small]).bytes())
      let external = ZipMaker.Member(
        name: "model.onnx", bytes: try Fixtures.read(Fixtures.path("formats/external/model.onnx")))
      var bomb = small
      (bomb.name, bomb.method, bomb.byteCount) = ("bomb.h5", 8, 0xFFFF_FFF0)
      let half = ZipMaker.Member(name: "half.h5", bytes: Array(small.bytes.prefix(600)))
      try Fixtures.write(
        ZipMaker([small, inner, external, bomb, half]).bytes(), to: folder + "zoo.zip")
      // What a hostile model beside the archive might ask for.
      try Fixtures.write([UInt8](repeating: 1, count: 4096), to: folder + "data.bin")
      try Fixtures.write(
        Array(#"{"weight_map":{"a":"zoo.zip#a.h5"}}"#.utf8), to: folder + "index.json")
      for (path, code, words) in [
        ("zoo.zip", Diagnostic.Code.usage, "name one of them: '\(folder)zoo.zip#a.h5'"),
        ("zoo.zip#none.h5", .noInput, "no such member"),
        ("zoo.zip#", .noInput, "no such member"),
        ("zoo.zip#inner.zip", .badData, "an archive within an archive"),
        ("zoo.zip#inner.zip#a.h5", .badData, "an archive within an archive"),
        ("zoo.zip#model.onnx", .badData, "inside an archive"),
        ("zoo.zip#bomb.h5", .badData, "absurd"),
        ("zoo.zip#half.h5", .badData, "truncated"),
        ("none.zip#a.h5", .noInput, "no such file"),
        // An index on disk names files beside it, and opens no archives.
        ("index.json", .noInput, "no such file"), ("index.json#a", .noInput, "no such file"),
      ] {
        let error = await #expect(throws: Diagnostic.self) {
          try await WeightFile.open(folder + path)
        }
        #expect(error?.code == code, "\(path)")
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      }
    }
  }

  @Test("a path is taken apart at the last # before which there is a file")
  func paths() async throws {
    try await Fixtures.withFolder { folder in
      for name in ["a", "a#b.zip", "x#y"] { try Fixtures.write([1], to: folder + name) }
      #expect(MemberPath(folder + "a#b.zip#c#d")?.member == "c#d")
      #expect(MemberPath(folder + "a#b.zip#c#d")?.archive == folder + "a#b.zip")
      #expect(MemberPath(folder + "a#b")?.archive == folder + "a")
      #expect(MemberPath(folder + "x#y") == nil, "it is there itself")
      #expect(MemberPath(folder + "no#y") == nil)
    }
  }
}
