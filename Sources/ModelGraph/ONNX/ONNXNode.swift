import Catalogs
import Support

/// The settings of a node, with the defaults that ONNX gives them.
extension ONNXGraph.Node {
  /// A list of integers; nil where the setting is not there.
  func integers(_ name: String) -> [Int]? {
    guard case .integers(let list)? = attributes[name] else { return nil }
    return list
  }

  /// One integer.
  func integer(_ name: String, default value: Int) throws -> Int {
    guard let list = integers(name) else { return value }
    guard list.count == 1, abs(list[0].magnitude < 1 << 31 ? list[0] : .max) < 1 << 31 else {
      throw Diagnostic(.badData, "its \(name) is not one number that can be right")
    }
    return list[0]
  }

  /// As many lengths as there are axes.
  func lengths(_ name: String, count: Int, default value: Int) throws -> [Int] {
    guard let list = integers(name) else { return Array(repeating: value, count: count) }
    guard list.count == count, CheckedShape.isPlausible(list.map(Optional.some)) else {
      throw Diagnostic(.badData, "its \(name) is not \(count) lengths")
    }
    return list
  }

  /// A number.
  func number(_ name: String, default value: Double) -> Double {
    if case .numbers(let list)? = attributes[name], let first = list.first { return first }
    return value
  }

  /// A text.
  func text(_ name: String, default value: String) -> String {
    if case .text(let text)? = attributes[name] { return text }
    return value
  }

  /// The value in a place; nil where it is left out.
  func input(_ index: Int) -> String? {
    index < inputs.count && !inputs[index].isEmpty ? inputs[index] : nil
  }
}
