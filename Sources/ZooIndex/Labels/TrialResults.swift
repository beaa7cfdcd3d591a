import Support

/// What a trial of Ray Tune reported: a line a report, in the order in which they were written. A trial
/// that was restored may report an iteration twice; the later line counts.
struct TrialResults: Sendable {
  /// The labels of each line; nil where the line is damaged.
  private(set) var lines: [[Label]?] = []
  /// What is wrong with the file; nil where nothing is.
  private(set) var note: String?
  /// The file's name.
  let name: String
  /// Whether the file ends within its last line.
  private var isOpenEnded = false

  /// Reads `result.json` (an object a line) or `progress.csv` (a table of the same), whichever the name
  /// says. A last line that was being written when the trial was killed does not count.
  init(_ bytes: [UInt8], name: String) {
    self.name = name
    isOpenEnded = bytes.last != 0x0A
    if name.hasSuffix(".csv") { read(table: bytes) } else { read(objects: bytes) }
    let damaged = lines.count { $0 == nil }
    if damaged > 0 { note = "\(name) has \(damaged) damaged lines, whose results are not known" }
  }

  private mutating func read(objects bytes: [UInt8]) {
    let isBlank = { (line: ArraySlice<UInt8>) in line.allSatisfy { $0 == 0x20 || $0 == 0x0D } }
    let texts = bytes.split(separator: 0x0A).filter { !isBlank($0) }
    for (index, text) in texts.enumerated() {
      let object = (try? PythonJSON.parse(text)).flatMap { $0.object == nil ? nil : $0 }
      if object == nil, isOpenEnded, index == texts.count - 1 { continue }
      lines.append(object.map { withGap(LabelReading.scalars($0, name)) })
    }
  }

  private mutating func read(table bytes: [UInt8]) {
    var parsed = try? TableFile(parsing: bytes)
    if parsed == nil, isOpenEnded, let end = bytes.lastIndex(of: 0x0A) {
      parsed = try? TableFile(parsing: Array(bytes[...end]))
      isOpenEnded = false
    }
    guard let parsed else {
      note = "\(name) is no table that can be read: results are not known"
      return
    }
    // What is within other values is left out, as in the other file; `config/lr` is in params.json.
    let columns = parsed.columns.indices.filter { !parsed.columns[$0].contains("/") }
    for row in parsed.rows where row != parsed.columns {
      lines.append(
        withGap(
          columns.map { Label(parsed.columns[$0], IndexValue(cell: row[$0]), origin: name) }))
    }
  }

  /// The labels, with the gap between accuracies where both are told.
  private func withGap(_ labels: [Label]) -> [Label] {
    let value = { (name: String) in labels.first { $0.name == name }?.value.number }
    guard let train = value("train_acc"), let test = value("test_acc") else { return labels }
    return labels + [Label("ggap", .real(train - test), origin: name)]
  }
}

extension TrialResults {
  /// The results of a checkpoint; none where no line is known to be its.
  ///
  /// Lines that name the folder of a checkpoint decide; then those that say the iteration. The place of
  /// a line only decides where no line says either.
  ///
  /// - Returns: the labels, and what a person should know: that there is no line, or that it may end
  ///   too early.
  func found(for unit: ModelUnit) -> (labels: [Label], note: String?) {
    guard let number = unit.epoch else { return labels(ofLine: lines.indices.last) }
    let folders = values("checkpoint_dir_name") { value -> String? in
      if case .text(let text) = value, !text.isEmpty { text } else { nil }
    }
    if folders.contains(where: { $0 != nil }) {
      return labels(
        ofLine: folders.lastIndex { folder in
          folder?.split(separator: "/").last.map(String.init) == unit.checkpoint
        })
    }
    let iterations = values("training_iteration", as: TrialResults.count)
    if iterations.contains(where: { $0 != nil }) {
      return labels(ofLine: iterations.lastIndex { $0 == number })
    }
    return labels(ofLine: line(inPlaceOf: number))
  }

  /// The first line is the first epoch, unless the line says another epoch, counted from 0 or from 1.
  /// Where later lines say the same epoch again, the last of them.
  private func line(inPlaceOf number: Int) -> Int? {
    guard number > 0, number <= lines.count else { return nil }
    let epochs = values("epoch", as: TrialResults.count)
    guard let said = epochs[number - 1] else { return number - 1 }
    return said == number || said == number - 1 ? epochs.lastIndex { $0 == said } : nil
  }

  private func labels(ofLine line: Int?) -> (labels: [Label], note: String?) {
    guard let line, let labels = lines[line] else {
      return ([], lines.isEmpty ? nil : "\(name) has no line of this checkpoint: it has no results")
    }
    let mayEndEarly = isOpenEnded && name.hasSuffix(".csv") && line == lines.count - 1
    return (
      labels,
      mayEndEarly ? "\(name) ends within a line, and the results are those of that line" : nil
    )
  }

  /// What each line says under a name; nil where it says nothing that makes sense.
  private func values<Value>(_ label: String, as value: (IndexValue) -> Value?) -> [Value?] {
    lines.map { line in line?.first { $0.name == label }.flatMap { value($0.value) } }
  }

  /// A number of iterations; also one that is written as text.
  private static func count(_ value: IndexValue) -> Int? {
    switch value {
    case .integer(let integer): Int(exactly: integer)
    case .text(let text): Int(text)
    case .null, .real: nil
    }
  }
}
