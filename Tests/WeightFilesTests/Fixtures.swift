import Catalogs
import Foundation
import Support

@testable import WeightFiles

/// The files that `Fixtures/make_fixtures.py` made with h5py, and what h5py reads from them.
enum Fixtures {
  /// The folder of the fixtures.
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().path() + "Fixtures/"

  /// The package's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path()

  /// Material beside the package, which is not part of it.
  static let shared = root + "../shared/"

  /// Whether that material is there.
  static var hasShared: Bool { FileManager.default.fileExists(atPath: shared + "models") }

  /// The path of a fixture.
  static func path(_ name: String) -> String { folder + name }

  /// What h5py reads from one data set.
  struct Expected: Decodable {
    var shape: [Int]
    var type: String
    var hex: String

    var bytes: [UInt8] {
      var bytes: [UInt8] = []
      var high: UInt8?
      for character in hex.utf8 {
        let digit = character < 58 ? character - 48 : character - 87
        if let first = high {
          bytes.append(first << 4 | digit)
          high = nil
        } else {
          high = digit
        }
      }
      return bytes
    }
  }

  /// What h5py reads, by file and name.
  static func expected() throws -> [String: [String: Expected]] {
    let data = try Data(contentsOf: URL(filePath: path("expected.json")))
    return try JSONDecoder().decode([String: [String: Expected]].self, from: data)
  }

  /// A folder of its own for a test, removed afterwards.
  static func withFolder<Result>(
    _ body: (String) async throws -> Result
  ) async throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(path: "wsl-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(url.path() + "/")
  }

  /// Writes a file.
  static func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }

  /// Reads a file.
  static func read(_ path: String) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(filePath: path)))
  }
}

extension [FileComparison.Pair] {
  /// The tensors of one name in both files.
  static func namesakes(_ first: WeightFile, _ second: WeightFile) -> Self {
    let places = Dictionary(
      second.catalog.tensors.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { one, _ in one })
    return first.catalog.tensors.enumerated().compactMap { place, entry in
      places[entry.name].map { .init(first: place, second: $0) }
    }
  }
}
