import Networks
import Support

/// Windows of one long row of tokens, as language models read it.
///
/// A window begins with the last token of the one before, so that every token but the first is predicted
/// once. What is left at the end is too short and not read.
struct TokenWindows {
  /// The length of a window where nothing else is said.
  static let usualLength = 64
  /// The share of the row, from its beginning on, that is for training.
  static let trainingShare = 0.9

  /// Cuts a part of a row: the first nine tenths are for training, the rest for testing.
  ///
  /// - Parameters:
  ///   - tokens: whole numbers from 0.
  ///   - length: the length of a window; nil for the usual one.
  /// - Throws: `Diagnostic` of code `badData` where a part is shorter than a window.
  static func dataset(
    _ tokens: [Float], length: Int?, split: DataSource.Split
  ) throws -> Dataset {
    let length = length ?? usualLength
    guard length >= 2 else {
      throw Diagnostic(.usage, "a window of \(length) tokens predicts none")
    }
    let border = Int((Double(tokens.count) * trainingShare).rounded())
    let part = split == .train ? tokens[..<border] : tokens[border...]
    let count = (part.count - 1) / (length - 1)
    guard part.count > 1, count > 0 else {
      throw Diagnostic(
        .badData,
        "the \(split.rawValue) part has \(part.count) tokens, fewer than a window of \(length)",
        remedy: "give a longer text, or a shorter window")
    }
    var examples: [Float] = []
    examples.reserveCapacity(count * length)
    for window in 0..<count {
      let start = part.startIndex + window * (length - 1)
      examples += part[start..<start + length]
    }
    var result = try Dataset(examples: examples, exampleShape: [length], targets: nil)
    result.notes = [
      "the tokens are read in windows of \(length), the first nine tenths for training and the rest "
        + "for testing"
    ]
    return result
  }

  /// The bytes of a text as tokens.
  static func dataset(text bytes: [UInt8], length: Int?, split: DataSource.Split) throws -> Dataset
  {
    try dataset(bytes.map(Float.init), length: length, split: split)
  }
}
