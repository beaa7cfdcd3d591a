import Catalogs
import Support
import Tensors
import WeightFiles

/// Tensors of whole numbers and truth values: quantised weights, packed codes, counters, masks. They have
/// no mean: those that are equal stay, others are the first model's.
public enum WholeNumbers {
  /// How many elements are compared at once.
  private static let pieceCount = 1 << 18

  /// The names of the first model's such tensors of which another model has other elements, another type
  /// or another shape, in the first model's order. What another model does not have is not compared,
  /// nor the state of an optimizer or a random generator.
  ///
  /// - Throws: `Diagnostic` of code `badData` where one is damaged.
  /// - Complexity: O(bytes of these tensors).
  public static func differing(_ models: [MergeInput], jobs: Int? = nil) throws -> [String] {
    guard let first = models.first, models.count > 1 else { return [] }
    let entries = first.tensors.filter { entry in
      !entry.elementType.isFloatingPoint && entry.role != .optimiserState
        && entry.role != .generatorState
    }
    let differ = try Parallel.map(count: entries.count, jobs: jobs) { index in
      try models.dropFirst().contains { try differs(entries[index], of: first, from: $0) }
    }
    return zip(entries, differ).filter(\.1).map(\.0.name)
  }

  private static func differs(
    _ entry: TensorEntry, of first: MergeInput, from other: MergeInput
  ) throws -> Bool {
    guard let found = other.partner(of: entry.name) else { return false }
    let partner = found.entry
    // Elements in another order of axes are not compared: the first model's stay, and are named.
    guard found.axes == nil, partner.shape == entry.shape, partner.elementType == entry.elementType
    else { return true }
    let inputs = [(first, MergeInput.Found(entry: entry)), (other, found)]
    let ranges = try inputs.map { input, found in try input.open(found, jobs: 1) }
    for begin in stride(from: 0, to: entry.elementCount, by: pieceCount) {
      let range = begin..<min(entry.elementCount, begin + pieceCount)
      var pieces: [[UInt8]] = []
      for (input, ranges) in zip(inputs, ranges) {
        do { pieces.append(try ranges.bytes(range)) } catch let error as Diagnostic {
          throw error.inside(input.1.entry.name).inside(input.0.name)
        }
      }
      if pieces[0] != pieces[1] { return true }
    }
    return false
  }
}
