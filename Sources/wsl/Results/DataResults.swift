import Datasets
import Networks
import Reports
import Support

/// What `wsl data corrupt` says.
struct DataCorruptResult: Encodable {
  struct Part: Encodable {
    var split: String
    var examples: Int
    var shape: [Int]
    /// The mean absolute change of a pixel, of 0 to 1.
    var meanChange: FiniteNumber

    init(_ split: DataSource.Split, clean: Dataset, corrupted: Dataset) {
      self.split = split.rawValue
      examples = clean.count
      shape = clean.exampleShape
      let sum = zip(clean.examples, corrupted.examples).reduce(0.0) {
        $0 + abs(Double($1.0) - Double($1.1))
      }
      meanChange = FiniteNumber(sum / Double(max(1, clean.examples.count)))
    }
  }

  var data: String
  var output: String
  var type: String
  var severity: Int?
  var scale: String
  var strength: Double?
  var seed: UInt64
  var splits: [Part]

  init(data: String, output: String, corruption: Corruption, seed: UInt64, splits: [Part]) {
    self.data = data
    self.output = output
    type = corruption.kind.rawValue
    severity =
      corruption.kind.hasSeverity && corruption.strength == nil ? corruption.severity : nil
    scale = corruption.scale.rawValue
    strength = corruption.strength
    self.seed = seed
    self.splits = splits
  }

  /// The result for a person.
  var text: String {
    let how =
      strength.map { " of strength \(NumberFormat.significant($0))" }
      ?? severity.map { " of severity \($0) (\(scale))" } ?? ""
    var lines = ["\(data.escapingControlCharacters): \(type)\(how), seed \(seed)"]
    for part in splits {
      lines.append(
        "  \(part.split): \(NumberFormat.grouped(part.examples)) images of "
          + "\(NumberFormat.shape(part.shape)), each pixel changed by "
          + "\(NumberFormat.fixed(part.meanChange.value, decimals: 3)) on average")
    }
    lines.append("written: \(output.escapingControlCharacters)")
    return lines.joined(separator: "\n")
  }
}

/// What `wsl data list` says.
struct CorruptionListResult: Encodable {
  struct Row: Encodable {
    var type: String
    /// benchmark, extra, mnist-c, control.
    var sets: [String]
    var isDeterministic: Bool
    /// The first constant at severities 1 to 5; empty where there is no severity.
    var cifar: [Double]
    var mnist: [Double]
    /// What --strength may be; nil where only severities are known.
    var strengths: [Double]?
  }

  var corruptions: [Row]

  init() {
    corruptions = Corruption.Kind.allCases.map { kind in
      func constants(_ scale: Corruption.Scale) -> [Double] {
        guard kind.hasSeverity else { return [] }
        return (1...5).map { Corruption(kind, severity: $0, scale: scale).constants[0] }
      }
      let sets: [(String, [Corruption.Kind])] = [
        ("benchmark", Corruption.Kind.benchmark), ("extra", Corruption.Kind.extra),
        ("mnist-c", Corruption.Kind.digits), ("control", Corruption.Kind.controls),
      ]
      return Row(
        type: kind.rawValue, sets: sets.filter { $0.1.contains(kind) }.map(\.0),
        isDeterministic: kind.isDeterministic, cifar: constants(.cifar), mnist: constants(.mnist),
        strengths: kind.strengths.map { [$0.lowerBound, $0.upperBound] })
    }
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([
      .text("corruption"), .text("set"), .text("cifar, severity 1 … 5"), .text("mnist"),
      .text("--strength"),
    ])
    func list(_ values: [Double]) -> String {
      values.map { NumberFormat.significant($0, digits: 4) }.joined(separator: " ")
    }
    for row in corruptions {
      table.add(
        row.type, row.sets.joined(separator: ", "), list(row.cifar), list(row.mnist),
        row.strengths.map { list($0).replacing(" ", with: " … ") } ?? "")
    }
    return table.text
  }
}
