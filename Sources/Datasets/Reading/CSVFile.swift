import Foundation
import Networks
import Support
import Tensors
import WeightFiles

/// A table of examples as text: a line for each, fields between commas, semicolons or tabs, quoted where they
/// hold one (RFC 4180), with or without a line of names.
///
/// The labels are the column called `label`, `class`, `target` or `y`, else the last one. Words are classes,
/// numbered in the order of the alphabet; numbers are classes or numbers as everywhere. The other columns are
/// the features, as they stand; one without a name, or called `id` or `index`, numbers the lines and is left
/// out.
struct CSVFile {
  private let bytes: [UInt8]
  private let separator: UInt8
  /// The names of the columns; nil where the file has no line of names.
  private let names: [String]?
  private let columnCount: Int
  private let labelColumn: Int
  private let leftOut: Set<Int>
  private let start: Int
  private let firstLine: Int

  private static let labelNames = ["label", "labels", "class", "target", "targets", "y"]
  private static let lineNames = ["", "id", "index", "unnamed: 0"]

  /// Reads the first line.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is no table.
  init(_ bytes: [UInt8]) throws {
    // A mark of UTF-8 at the start says nothing more.
    self.bytes = bytes
    var place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let line = bytes[place...].prefix { $0 != 0x0A }
    let candidates: [UInt8] = [0x2C, 0x3B, 0x09]
    let counts = candidates.map { candidate in line.count { $0 == candidate } }
    guard let most = counts.max(), most > 0, let best = counts.firstIndex(of: most) else {
      throw Diagnostic(
        .badData, "its first line has one field",
        remedy: "fields stand between commas, semicolons or tabs")
    }
    separator = candidates[best]
    let before = place
    var number = 1
    guard let first = try Self.record(bytes, &place, &number, separator) else {
      throw Diagnostic(.badData, "the table is empty")
    }
    let words = first.map { Self.text(bytes, $0).lowercased() }
    let isNamed =
      words.allSatisfy { Float($0) == nil } || words.contains(where: Self.labelNames.contains)
    names = isNamed ? words : nil
    columnCount = first.count
    let named = isNamed ? words.indices.filter { Self.labelNames.contains(words[$0]) } : []
    guard named.count <= 1 else {
      throw Diagnostic(
        .badData,
        "the columns \(named.map { words[$0] }.joined(separator: " and ")) may be the labels",
        remedy: "call one of them label")
    }
    let label = named.first ?? first.count - 1
    labelColumn = label
    leftOut = Set(
      isNamed ? words.indices.filter { $0 != label && Self.lineNames.contains(words[$0]) } : [])
    start = isNamed ? place : before
    firstLine = isNamed ? number : 1
  }

  /// The words of the labels, where they are words; none where all are numbers.
  var classNames: [String] {
    get throws {
      var words: Set<String> = []
      try forEach { fields, _ in words.insert(Self.text(bytes, fields[labelColumn])) }
      return words.allSatisfy { Float($0) != nil } ? [] : words.sorted()
    }
  }

  /// The examples.
  ///
  /// - Parameter classes: the words of the classes of all parts; where there are none, the file's own.
  /// - Throws: `Diagnostic` of code `badData` that names the line and the column.
  /// - Complexity: O(bytes).
  func dataset(classes: [String] = []) throws -> Dataset {
    let features = (0..<columnCount).filter { $0 != labelColumn && !leftOut.contains($0) }
    guard !features.isEmpty else {
      throw Diagnostic(.badData, "the table has labels and no other column")
    }
    var examples: [Float] = []
    var labels: [String] = []
    try forEach { fields, line in
      for column in features {
        guard let value = number(fields[column]) else {
          throw Diagnostic(
            .badData,
            "\"\(Self.text(bytes, fields[column]).prefix(40))\" in column \(name(column)) is no number",
            at: ["line \(line)"], remedy: "features are numbers: encode words, and fill gaps")
        }
        examples.append(value)
      }
      labels.append(Self.text(bytes, fields[labelColumn]))
    }
    guard !labels.isEmpty else { throw Diagnostic(.badData, "the table has no examples") }
    var result = try Dataset(
      examples: examples, exampleShape: [features.count], answers: try answers(labels, classes))
    if names == nil || !Self.labelNames.contains(names?[labelColumn] ?? "") {
      result.notes.append("the labels are taken from the last column, \(name(labelColumn))")
    }
    for column in leftOut.sorted() {
      result.notes.append("column \(name(column)) numbers the lines and is left out")
    }
    return result
  }

  private func answers(_ labels: [String], _ classes: [String]) throws -> Answers {
    let numbers = labels.map { Float($0) }
    let names =
      classes.isEmpty && numbers.contains(nil) ? Set(labels).sorted() : Set(classes).sorted()
    guard names.isEmpty else {
      let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
      return Answers(
        classes: try labels.map { label in
          guard let place = places[label] else {
            throw Diagnostic(.badData, "the label \"\(label.prefix(40))\" is none of the classes")
          }
          return place
        }, classCount: names.count)
    }
    let whole = labels.compactMap { Int32($0) }
    let areWhole = whole.count == labels.count
    return try NumericArray(
      shape: [labels.count], elementType: areWhole ? .int32 : .float32,
      bytes: areWhole
        ? whole.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
        : numbers.compactMap { $0 }.flatMap { value in
          withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        }
    ).answers()
  }

  private func name(_ column: Int) -> String {
    names.map { "\"\($0[column])\"" } ?? "\(column + 1)"
  }

  /// Calls for every line that is not empty, with its fields and its number.
  private func forEach(_ body: ([Range<Int>], Int) throws -> Void) throws {
    var place = start
    var number = firstLine
    while place < bytes.count {
      let line = number
      guard let fields = try Self.record(bytes, &place, &number, separator) else { continue }
      guard fields.count == columnCount else {
        throw Diagnostic(
          .badData, "it has \(fields.count) fields, and the first line \(columnCount)",
          at: ["line \(line)"])
      }
      try body(fields, line)
    }
  }

  /// A finite number; nil where the field is none.
  private func number(_ field: Range<Int>) -> Float? {
    // Whole numbers of a few digits, as pixels are, need no text.
    if (1...6).contains(field.count), bytes[field].allSatisfy({ (0x30...0x39).contains($0) }) {
      return Float(bytes[field].reduce(0) { $0 * 10 + Int($1 - 0x30) })
    }
    guard let value = Float(Self.text(bytes, field)), value.isFinite else { return nil }
    return value
  }
}
