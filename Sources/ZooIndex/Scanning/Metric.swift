import Support

/// Something that is measured on a model's weights and kept in the index: statistics, norms, a
/// spectrum. Whoever has a new one makes a type of this protocol, and adds it to `Metrics.all`.
public protocol Metric: Sendable {
  /// Its name, settings and columns.
  var description: MetricDescription { get }
  /// Whether it needs the file's attributes and documents, to understand the network. The file is
  /// then opened in full, not by what the index knows of it.
  var needsGraph: Bool { get }

  /// Measures a model.
  ///
  /// - Parameter model: the tensors, read once for all metrics where memory allows it.
  /// - Throws: `Diagnostic` where it cannot be measured; the index keeps the reason.
  func measure(_ model: ScannedModel) throws -> MetricResult

  /// Whether it is measured of a model of the index at all.
  func applies(to model: Int64) -> Bool
  /// The models that a model is measured beside, by their identifiers; see `ComparingMetric`.
  func companions(of model: Int64) -> [Int64]
  /// Everything that decides the numbers of one model: the metric's settings, and whatever it is
  /// measured beside.
  func settings(for model: Int64) -> String
}

extension Metric {
  /// Most need only tensors.
  public var needsGraph: Bool { false }
  /// Most are of every model.
  public func applies(to model: Int64) -> Bool { true }
  /// Most are of a model by itself.
  public func companions(of model: Int64) -> [Int64] { [] }
  /// Most depend on nothing else.
  public func settings(for model: Int64) -> String { description.settings }

  /// What is kept of a model's results beside them.
  func description(for model: Int64) -> MetricDescription {
    var result = description
    result.settings = settings(for: model)
    return result
  }
}

/// A metric that measures a model beside others of its index: those of other starts, or checkpoints of
/// its training.
public protocol ComparingMetric: Metric {
  /// Measures a model beside its companions.
  ///
  /// - Parameter companions: the models of `companions(of:)`, in that order.
  /// - Throws: `Diagnostic` as `measure`.
  func measure(_ model: ScannedModel, id: Int64, beside companions: [ScannedModel]) throws
    -> MetricResult
}

extension ComparingMetric {
  /// Its networks are run.
  public var needsGraph: Bool { true }
  /// A model without others beside it has nothing to be compared with.
  public func measure(_ model: ScannedModel) throws -> MetricResult { MetricResult(rows: []) }
}

extension Metric {
  /// Measures a model, and what it is measured beside where it is measured beside something.
  func measured(
    _ model: ScannedModel, id: Int64, beside others: () throws -> [Int64: ScannedModel]
  ) throws -> MetricResult {
    guard let comparing = self as? any ComparingMetric else { return try measure(model) }
    let opened = try others()
    let companions = try companions(of: id).map { id -> ScannedModel in
      guard let model = opened[id] else {
        throw Diagnostic(.failed, "model \(id) beside it was not opened")
      }
      return model
    }
    return try comparing.measure(model, id: id, beside: companions)
  }
}

/// What a metric says of a model.
public struct MetricResult: Sendable {
  /// A row of the metric's table.
  public struct Row: Sendable {
    /// What it is about: a tensor's or a layer's name.
    public var name: String
    /// A value for each of the metric's columns.
    public var values: [IndexValue]

    /// Makes a row.
    public init(name: String, values: [IndexValue]) {
      self.name = name
      self.values = values
    }
  }

  /// The rows, in the model's order.
  public var rows: [Row]
  /// Figures of the whole model, by name. They become columns of the models, `METRIC_NAME`.
  public var summary: [String: IndexValue]

  /// Makes a result.
  public init(rows: [Row], summary: [String: IndexValue] = [:]) {
    self.rows = rows
    self.summary = summary
  }
}

/// The metrics that there are.
public enum Metrics {
  /// All of them, the usual ones first.
  public static let all: [any Metric] = [
    StatisticsMetric(), NormsMetric(), SpectrumMetric(),
  ]
  /// The names that are computed where nothing else is asked for.
  public static let usual = ["statistics", "norms"]

  /// The names of those that are measured on data besides.
  public static let needingData: Set<String> = [
    "hessian", "connectivity", "similarity", "averaging", "pruning", "transfer",
  ]

  /// The metrics of some names.
  ///
  /// - Throws: `Diagnostic` of code `usage` where there is none of a name.
  public static func named(_ names: [String]) throws -> [any Metric] {
    try names.map { name in
      guard !needingData.contains(name) else {
        throw Diagnostic(
          .usage, "the metric '\(name)' is measured on data", remedy: "name the data, too")
      }
      guard let metric = all.first(where: { $0.description.name == name }) else {
        let known = all.map(\.description.name).joined(separator: ", ")
        throw Diagnostic(.usage, "there is no metric '\(name)'", remedy: "there are: \(known)")
      }
      return metric
    }
  }
}
