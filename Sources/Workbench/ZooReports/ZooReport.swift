import Reports
import Support
public import ZooIndex

/// What a page tells of an index: its populations, labels, distributions, and what could not be read.
public struct ZooReport {
  /// Models of one architecture.
  struct Population {
    var structure: String
    var architecture: String
    var count: Int
    var parameters: IndexValue
    var accuracy: IndexValue
  }

  /// A column of labels or of a scan's figures, with the values that models have.
  struct Column {
    var name: String
    var type: String
    var origins: String
    var values: [IndexValue]
    var numbers: [Double] { values.compactMap(\.number) }
  }

  /// The path of the index.
  public let index: String
  private(set) var totals: [(name: String, value: Int)] = []
  private(set) var populations: [Population] = []
  private(set) var labels: [Column] = []
  private(set) var measured: [Column] = []
  private(set) var layers: [LayerFigures] = []
  /// Models' accuracies against figures of a scan.
  private(set) var pairs: [(name: String, points: [LineChart.Point])] = []
  private(set) var odd: [[IndexValue]] = []
  private(set) var oddColumns: [String] = []
  /// What is not in the index.
  public private(set) var failures: [IndexFailure] = []
  private(set) var duplicates: [Duplicates.Models] = []

  /// The columns that say how well a model does, the likeliest first.
  static let accuracies = ["test_accuracy", "test_acc", "val_accuracy", "val_acc", "accuracy"]

  /// How many models there are.
  public var modelCount: Int { totals.first?.value ?? 0 }

  /// The accuracy that the models have; nil where they have none.
  var accuracy: Column? {
    Self.accuracies.lazy.compactMap { name in labels.first { $0.name == name } }.first
  }

  /// Gathers everything.
  ///
  /// - Throws: `Diagnostic` where the index cannot be read.
  public init(_ zoo: ZooIndex) throws {
    index = zoo.path
    let columns = try zoo.columns()
    let own = columns.filter { $0.origins != ["file"] }
    let table = try Self.rows(zoo, .models, own.map(\.name))
    for (place, column) in own.enumerated() {
      let found = Column(
        name: column.name, type: column.type ?? "", origins: column.origins.joined(separator: ", "),
        values: table.map { $0[place] }.filter { $0 != .null })
      if column.origins == ["scan"] { measured.append(found) } else { labels.append(found) }
    }
    failures = try zoo.failures()
    duplicates = try Duplicates(zoo, smallest: 1024).models
    try addPopulations(zoo)
    if let largest = populations.first {
      layers = try LayerFigures.all(zoo, structure: largest.structure)
    }
    try addOdd(zoo)
    try addPairs(zoo)
    totals += [
      ("columns of labels", labels.count), ("models that are there more than once", twice),
      ("files that could not be read", failures.count),
    ]
  }

  private var twice: Int { duplicates.reduce(0) { $0 + $1.files.count - 1 } }

  private mutating func addPopulations(_ zoo: ZooIndex) throws {
    var query = IndexQuery()
    let accuracy = accuracy?.name
    query.groups = ["structure"]
    query.aggregates =
      ["max(architecture)", "max(parameters)", "sum(tensors)", "sum(parameters)", "sum(size)"]
      + (accuracy.map { ["avg(\"\($0)\")"] } ?? [])
    query.order = [("count", true)]
    let rows = try zoo.ask(query).rows
    populations = rows.map { row in
      Population(
        structure: row[0].text, architecture: row[2].text, count: row[1].integer ?? 0,
        parameters: row[3], accuracy: accuracy == nil ? .null : row[7])
    }
    func total(_ place: Int) -> Int {
      rows.reduce(0) { $0 &+ ($1[place].integer ?? 0) }
    }
    totals = [
      ("models", total(1)), ("architectures", rows.count), ("tensors", total(4)),
      ("parameters", total(5)), ("bytes on disk", total(6)),
    ]
  }

  /// Models with numbers that are not finite, or tensors all of whose numbers are the same.
  private mutating func addOdd(_ zoo: ZooIndex) throws {
    let wanted = ["statistics_nonfinite", "statistics_constant"]
    guard wanted.allSatisfy({ name in measured.contains { $0.name == name } }) else { return }
    var query = IndexQuery()
    query.filter = "statistics_nonfinite > 0"
    oddColumns = ["name", "file"] + wanted
    query.columns = oddColumns
    query.order = [("statistics_nonfinite", true)]
    odd = try zoo.ask(query).rows
  }

  private mutating func addPairs(_ zoo: ZooIndex) throws {
    let wanted = ["spectrum_alpha", "spectrum_logSpectralNorm", "norms_l2"].filter { name in
      measured.contains { $0.name == name && Set($0.numbers).count > 2 }
    }
    guard let accuracy = accuracy?.name, !wanted.isEmpty else { return }
    let rows = try Self.rows(zoo, .models, [accuracy] + wanted)
    pairs = wanted.enumerated().map { place, name in
      (
        name,
        rows.compactMap { row in
          guard let y = row[0].number, let x = row[place + 1].number else { return nil }
          return LineChart.Point(x: x, y: y)
        }
      )
    }
  }

  /// Some columns of all rows of a subject.
  static func rows(
    _ zoo: ZooIndex, _ subject: IndexQuery.Subject, _ columns: [String],
    where filter: String? = nil, _ arguments: [IndexValue] = []
  ) throws -> [[IndexValue]] {
    guard !columns.isEmpty else { return [] }
    var query = IndexQuery()
    query.subject = subject
    query.columns = columns
    (query.filter, query.arguments) = (filter, arguments)
    return try zoo.ask(query).rows
  }
}
