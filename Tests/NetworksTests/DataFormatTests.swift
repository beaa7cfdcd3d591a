import Foundation
import Support
import Testing

@testable import Datasets
@testable import Networks

/// Data as people keep them, against what Pillow, torchvision's conventions and Python's pickle read.
///
/// Tried by hand with the built tool, the loss of a random network beside that on an `.npz` of the same numbers,
/// equal to the last digit: 27 PNG and JPEG images (colour, palette, transparent, grey, upper-case ending, in
/// folders within) with both parts and as one; CIFAR-10's batches pickled in the protocols 2 to 5 and by
/// Python 2, one batch alone, CIFAR-100's; tables with commas, semicolons, quotation marks, line feeds of
/// Windows, numbered lines, words and numbers as labels, with and without names, in two files; MNIST as a
/// table; `X` and `y`, `data` and `labels`, `arr_0`. A pickle that would run something is refused.
@Suite("Data formats") struct DataFormatTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/data")

  private func load(_ name: String, _ split: DataSource.Split) async throws -> Networks.Dataset {
    try await DataSource.load(Self.folder.appendingPathComponent(name).path, split: split)
  }

  @Test("images in folders are those that Pillow decodes", arguments: DataSource.Split.allCases)
  func images(_ split: DataSource.Split) async throws {
    let found = try await load("images", split)
    let expected = try await load("expected.npz", split)
    #expect(found.exampleShape == [16, 12, 3] && found.classCount == 2)
    #expect(found.labels == expected.labels)
    #expect(found.examples == expected.examples)
    #expect(found.notes.count == 1 && found.notes[0].contains("1 files"))
    // The folder of one part is a data set of its own.
    let name = split == .test ? "images/val" : "images/train"
    #expect(try await load(name, .test).examples == expected.examples)
  }

  private func temporary(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("wsl-data-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  private func message(_ path: String) async -> String {
    do {
      _ = try await DataSource.load(path, split: .train)
      return ""
    } catch { return "\(error)" }
  }

  @Test("images of several sizes, damaged ones and folders without any are refused by name")
  func oddImages() async throws {
    let source = Self.folder.appendingPathComponent("images/train/Ant/bits.png")
    try await temporary { folder in
      let own = folder.appendingPathComponent("a")
      try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
      #expect(await message(folder.path).contains("no PNG or JPEG"))
      try FileManager.default.copyItem(at: source, to: own.appendingPathComponent("1.png"))
      let grey = try await DataSource.load(folder.path, split: .test)
      #expect(grey.exampleShape == [16, 12] && grey.classCount == 1)
      // A PNG of 1 × 1 pixels, grey.
      let small = Data(
        base64Encoded:
          "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
      )
      let second = own.appendingPathComponent("2.png")
      try #require(small).write(to: second)
      let sizes = await message(folder.path)
      #expect(sizes.contains("2.png") && sizes.contains("1×1") && sizes.contains("12×16"))
      let whole = try Data(contentsOf: source)
      for length in [0, 7, 20, 40, whole.count - 20] {
        try whole.prefix(length).write(to: second)
        #expect(await message(folder.path).contains("2.png"))
      }
    }
  }

  @Test("CIFAR's batches", arguments: DataSource.Split.allCases)
  func cifar(_ split: DataSource.Split) async throws {
    let found = try await load("cifar10", split)
    let expected = try await load("cifar.npz", split)
    #expect(found.exampleShape == [3, 32, 32] && found.count == (split == .test ? 3 : 6))
    #expect(found.labels == expected.labels && found.examples == expected.examples)
    let hundred = try await load("cifar100", split)
    #expect(hundred.labels == [99, 0, 3] && hundred.classCount == 100)
    #expect(hundred.examples == (try await load("cifar10/data_batch_1", .test)).examples)
  }

  @Test("a pickle that would run something, or that is cut off, is refused")
  func hostilePickles() async throws {
    try await temporary { folder in
      let file = folder.appendingPathComponent("test_batch")
      // os.system('true'), by its opcodes.
      try Data(
        "\u{80}".unicodeScalars.map { UInt8($0.value) } + Array("\u{2}cposix\nsystem\n".utf8)
          + Array("U\u{4}true\u{85}R.".unicodeScalars.map { UInt8($0.value) })
      ).write(to: file)
      #expect(await message(file.path).contains("nothing of it was executed"))
      let whole = try Data(
        contentsOf: Self.folder.appendingPathComponent("cifar10/test_batch"))
      for length in [2, 30, 100, 9_000, whole.count - 4] {
        try whole.prefix(length).write(to: file)
        #expect(await !message(file.path).isEmpty)
      }
    }
  }

  @Test(
    "tables",
    arguments: [
      ("a,b,label\n1,2,0\n3,4.5,1\n", [1, 2, 3, 4.5], [0, 1], 2, 0),
      // The last column, and that is told.
      ("1,2,0\n3,4.5,1", [1, 2, 3, 4.5], [0, 1], 2, 1),
      ("y;a;b\r\n2;1;2\r\n0;3;4.5\r\n\r\n", [1, 2, 3, 4.5], [2, 0], 3, 0),
      ("\u{FEFF}id\ta\tb\tclass\n7\t1\t2\tred\n8\t3\t4.5\tBlue\n", [1, 2, 3, 4.5], [1, 0], 2, 1),
      (
        "\"a\",\"b\",\"name, of it\"\n\"1\",2,\"x, y\"\n 3 ,\"4.5\",z\n", [1, 2, 3, 4.5], [0, 1], 2,
        1
      ),
    ] as [(String, [Float], [Int32], Int, Int)])
  func tables(
    _ text: String, _ examples: [Float], _ labels: [Int32], _ classes: Int, _ notes: Int
  ) async throws {
    try await temporary { folder in
      let file = folder.appendingPathComponent("table.csv")
      try Data(text.utf8).write(to: file)
      let found = try await DataSource.load(file.path, split: .train)
      #expect(found.examples == examples && found.exampleShape == [2])
      #expect(found.labels == labels && found.classCount == classes)
      #expect(found.notes.count == notes, "\(found.notes)")
    }
  }

  @Test("labels that are numbers, and classes of two files")
  func answersOfTables() async throws {
    try await temporary { folder in
      let train = folder.appendingPathComponent("train.csv")
      let test = folder.appendingPathComponent("test.csv")
      try Data("a,y\n1,a\n2,c\n3,b\n".utf8).write(to: train)
      try Data("a,y\n1,c\n".utf8).write(to: test)
      let found = try await DataSource.load(folder.path, split: .test)
      #expect(found.labels == [2] && found.classCount == 3)
      try Data("a,y\n1,0.5\n2,-1\n".utf8).write(to: test)
      let numbers = try await DataSource.load(test.path, split: .test)
      #expect(!numbers.hasClasses && numbers.targets?.values == [0.5, -1])
    }
  }

  @Test(
    "tables that are none name the line",
    arguments: [
      ("a,b\n1,2\n3\n", "line 3"), ("a,b\n1,2\n,3\n", "line 3"), ("a,b\nx,2\n", "\"a\""),
      ("a\n1\n", "one field"), ("a,b\n", "no examples"), ("a,b\n\"1,2\n", "line 2"),
      ("label,y\n1,2\n", "may be the labels"), ("id,label\n1,2\n", "no other column"),
      ("", "field"),
      ("a,b\ninf,2\n", "no number"),
    ])
  func badTables(_ text: String, _ part: String) async throws {
    try await temporary { folder in
      let file = folder.appendingPathComponent("table.csv")
      try Data(text.utf8).write(to: file)
      let found = await message(file.path)
      #expect(found.contains(part), "\(found)")
    }
  }
}
