import Tensors
import WeightFiles

/// Two tensors' hashes side by side, as they are or with one side rounded to the other's type.
struct ContentComparison {
  /// The hashes of the first tensor.
  var first: TensorContent.Level
  /// Those of the second.
  var second: TensorContent.Level
  /// The type to which the first is rounded.
  var firstType: ElementType?
  /// The type to which the second is rounded.
  var secondType: ElementType?
  /// Whether the two are stored as different types.
  var isCast: Bool

  /// All ways to lay two tensors side by side: exactly, then rounded.
  static func all(_ a: TensorContent, _ b: TensorContent) -> [ContentComparison] {
    let isCast = a.elementType != b.elementType
    var found = [ContentComparison(first: a.own, second: b.own, isCast: isCast)]
    guard isCast else { return found }
    if let level = a.levels[b.elementType] {
      found.append(
        ContentComparison(first: level, second: b.own, firstType: b.elementType, isCast: true))
    }
    if let level = b.levels[a.elementType] {
      found.append(
        ContentComparison(first: a.own, second: level, secondType: a.elementType, isCast: true))
    }
    return found
  }

  /// The first way in which two tensors hold the same numbers, in any order; nil where there is none.
  static func equal(_ a: TensorContent, _ b: TensorContent) -> ContentComparison? {
    guard a.count == b.count, a.count > 0 else { return nil }
    return all(a, b).first { $0.first.unordered == $0.second.unordered }
  }
}
