import Catalogs
import Testing

@testable import Tensors
@testable import WeightFiles

/// Files of uncommon elements (`Fixtures/elements/make_elements.py`), and what the real libraries read
/// from them.
enum ElementFixtures {
  static let folder = Fixtures.folder + "elements/"

  static func open(_ name: String) async throws -> WeightFile {
    try await WeightFile.open(folder + name)
  }

  /// The numbers that a library reads, by name.
  static func expected(_ name: String) async throws -> [String: Tensor] {
    let file = try await open(name + ".expected.npz")
    return try file.read(file.catalog.tensors.map(\.name))
  }

  /// Whether numbers are the same bit for bit, or both none.
  static func isSame(_ one: [Float], _ other: [Float]) -> Bool {
    one.count == other.count
      && zip(one, other).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }
  }

  /// What is left alone, by name.
  static func reasons(_ file: WeightFile) -> [String: String] {
    Dictionary(
      file.catalog.skipped.map { ($0.name, $0.reason) }, uniquingKeysWith: { one, _ in one })
  }
}
