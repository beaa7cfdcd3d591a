/// What a user states of an input of an ONNX model, where the graph depends on it: of an If that asks for a
/// rate, or of lengths that the model leaves open.
public enum StatedInput: Sendable, Hashable {
  /// The one number that it always is. It is no input of the network then.
  case number(Double)
  /// Its lengths, the batch's among them.
  case lengths([Int])

  /// An input and what is stated of it, from words such as `sr=16000` and `input=[1,576]`; nil for others.
  static func parsed(_ word: String) -> (name: String, input: StatedInput)? {
    guard let sign = word.firstIndex(of: "="), sign > word.startIndex, !word.hasPrefix("heads=")
    else { return nil }
    let name = String(word[..<sign])
    let value = word[word.index(after: sign)...]
    if value.hasPrefix("["), value.hasSuffix("]") {
      let parts = value.dropFirst().dropLast().split(
        separator: ",", omittingEmptySubsequences: false)
      let lengths = parts.compactMap { Int($0.filter { $0 != " " }) }
      guard lengths.count == parts.count, CheckedShape.isPlausible(lengths.map(Optional.some)),
        lengths.allSatisfy({ $0 > 0 })
      else { return nil }
      return (name, .lengths(lengths))
    }
    guard let number = Double(value), number.isFinite else { return nil }
    return (name, .number(number))
  }

  /// The word for it, after the input's name and `=`.
  var word: String {
    switch self {
    case .number(let number):
      number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    case .lengths(let lengths): "[\(lengths.map(String.init).joined(separator: ","))]"
    }
  }
}
