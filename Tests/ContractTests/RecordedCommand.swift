import Testing

/// A command whose output is recorded.
struct RecordedCommand: Sendable, CustomTestStringConvertible {
  /// How recorded and new numbers are compared.
  enum Numbers: Sendable {
    /// Byte for byte: the inputs are the same everywhere, and so is all arithmetic.
    case exact
    /// Weights that are the same everywhere, and sums in Float32: R of two networks is off by at most
    /// 4.5e-7 (`AlignmentErrorTests`). JSON within 2e-6; a table's last digit may turn.
    case rounded
    /// Weights that were trained in Float32: the processor's instruction set decides the order of
    /// sums. Tried with oneDNN and OpenBLAS held to SSE4: an accuracy of 100 images moved by one of
    /// them (0.70 to 0.71), all other numbers by less than 1 %. Hashes are masked.
    case near
    /// What such weights decide by rounding: a code of a signature, a parent of a tree. Words are
    /// compared, and that there is a number, not which.
    case wordsOnly
    /// The machine itself: no number and no text is compared, the keys alone.
    case keysOnly
  }

  /// The name of the golden file.
  var name: String
  /// The words after `wsl`.
  var words: [String]
  var numbers: Numbers
  /// Whether it is run with `--json` beside its table.
  var hasJSON: Bool

  init(_ name: String, _ line: String, _ numbers: Numbers = .exact, json: Bool = true) {
    self.name = name
    words = line.split(separator: " ").map(String.init)
    self.numbers = numbers
    hasJSON = json
  }

  var testDescription: String { name }
}
