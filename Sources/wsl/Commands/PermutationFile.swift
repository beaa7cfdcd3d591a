import Catalogs
import Foundation
import Matching
import ModelGraph
import Support
import Tensors
import WeightFiles

/// Permutation files on disk, and permuted copies of weight files.
enum PermutationFile {
  /// Reads a permutation file.
  static func read(_ path: String) throws -> PermutationDocument {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Diagnostic(
        .noInput, "the permutation file cannot be read", at: [path],
        remedy: "check the path; `wsl match --save-permutation` writes one")
    }
    do { return try PermutationDocument(parsing: Array(data)) } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  /// Writes a copy of a file with its tensors permuted. Elements are moved as they are stored, so
  /// that every bit of every value survives; a tensor is read when its turn comes.
  static func writePermuted(
    _ file: WeightFile, _ permutations: [[Int]], of groups: [PermutationGroup], to path: String,
    overwrites: Bool
  ) async throws {
    let moves = Permuting.moves(permutations, of: groups)
    var replacements: [String: TensorReplacement] = [:]
    for entry in file.catalog.tensors {
      guard let moves = moves[entry.name] else { continue }
      replacements[entry.name] = TensorReplacement(heldByteCount: 2 * entry.byteCount) { _ in
        ComputedElements(
          bytes: try Permuting.applyBytes(
            file.readBytes(entry), shape: entry.shape, elementSize: entry.elementType.byteCount,
            moves: moves))
      }
    }
    try await file.writeCopy(
      to: path, computing: replacements, WritingOptions(overwrites: overwrites))
  }
}
