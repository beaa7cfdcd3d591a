import Foundation
import Support
import Testing

@testable import Datasets
@testable import Networks

/// Data sets in NumPy's archives, made by Fixtures/make_fixtures.py.
@Suite struct NumPyArchiveTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures")

  private static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// The examples before any scaling: 0, 5, 10, … 145.
  private static let values = (0..<30).map { Float($0 * 5) }

  @Test func `Keras's names and compressed bytes`() async throws {
    let train = try await DataSource.load(Self.path("keras.npz"), split: .train)
    #expect(train.exampleShape == [2, 3] && train.classCount == 3)
    #expect(train.labels == [0, 2, 1, 2, 0])
    #expect(train.examples == Self.values.map { $0 / 255 })
    let test = try await DataSource.load(Self.path("keras.npz"), split: .test)
    #expect(test.labels == [1, 0])
    // The rows of each image are swapped.
    #expect(test.examples.prefix(6) == [15, 20, 25, 0, 5, 10].map { Float($0) / 255 }[...])
  }

  @Test func `names in folders and stored floats`() async throws {
    let train = try await DataSource.load(Self.path("folders.npz"), split: .train)
    #expect(train.exampleShape == [2, 3] && train.labels == [0, 1, 2, 3, 4])
    #expect(train.examples == Self.values.map { $0 / 10 })
    let test = try await DataSource.load(Self.path("folders.npz"), split: .test)
    #expect(test.labels == [4, 3] && test.count == 2)
  }

  private func read(_ bytes: [UInt8]) async throws -> Dataset {
    let scratch = try ScratchFolder(fileName: "data.npz")
    try Data(bytes).write(to: URL(fileURLWithPath: scratch.file))
    return try await DataSource.load(scratch.file, split: .train)
  }

  @Test(arguments: ["keras.npz", "folders.npz"])
  func `every cut is an error`(_ name: String) async throws {
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.path(name))))
    _ = try await read(whole)
    for length in 0..<whole.count {
      await #expect(throws: Diagnostic.self) { try await read(Array(whole.prefix(length))) }
    }
  }

  /// A damaged byte gives a `Diagnostic` or a data set (padding, names of other members, pixels),
  /// never a trap or another error.
  @Test(arguments: ["keras.npz", "folders.npz"])
  func `every damaged byte is survived`(_ name: String) async throws {
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.path(name))))
    var refused = 0
    for place in whole.indices {
      for flip in [UInt8(0x01), 0xFF] {
        var damaged = whole
        damaged[place] ^= flip
        do { _ = try await read(damaged) } catch is Diagnostic { refused += 1 }
      }
    }
    #expect(refused > whole.count / 10)
  }

  @Test func `missing names are said`() async throws {
    let archive = try await NamedArrays(Self.path("keras.npz"))
    let error = #expect(throws: Diagnostic.self) { try archive.array("nothing") }
    #expect(error?.description.contains("nothing") == true)
  }
}
