import Catalogs
import LinearAlgebra
public import Probes
public import Support
import Tensors
import WeightFiles
public import ZooIndex

/// Trains probes on the models of an index: finds the models, what they have in common, reads each
/// once, and judges the probes of all layers.
public struct ProbeRun: Sendable {
  /// What is done.
  public struct Options: Sendable {
    /// The column to predict.
    public var target: String
    /// The kind of task, where it is not left to the column.
    public var task: ProbeLabels.Task?
    /// The method.
    public var method: any ProbeMethod
    /// The layer; nil takes all that the models have in common.
    public var layer: String?
    /// An SQL expression over the models' columns; nil takes all.
    public var filter: String?
    /// How many folds.
    public var folds = 5
    /// The column of a fixed split; nil splits into folds.
    public var split: String?
    /// How many repetitions, each with folds and first parameters of its own.
    public var seeds = 1
    /// Which models stay together.
    public var grouping = ProbeModels.Grouping.lineage
    /// Whether other methods are trained beside it.
    public var hasBaselines = true
    /// Whether an expert for each tree is trained, with the probe for all beside it.
    public var hasExperts = false
    /// Whether the method, and others that see the same, also learn from fewer models.
    public var hasCurve = false
    /// Which seven numbers are a tensor's statistics.
    public var convention = StatisticsConvention.minmax
    /// Sizes and training.
    public var settings = ProbeSettings()
    /// A vector for each class, for a network that compares with texts; nil learns classes as such.
    public var texts: TextEmbeddings?
    /// How models are read.
    public var reading = ZooReading.Options()
    /// How many bytes the layers that are read at once may take.
    public var memory = 4 << 30

    /// Trains a method to predict a column.
    public init(target: String, method: any ProbeMethod) {
      self.target = target
      self.method = method
    }
  }

  /// What came out.
  public struct Result: Sendable {
    /// The report on all layers.
    public var report: ProbeReport
    /// How methods do that learn from fewer models, where it was asked for.
    public var curve: LearningCurve?
    /// What was learned.
    public var labels: ProbeLabels
    /// The models, and those left out.
    public var models: ProbeModels
    /// The probe to be kept.
    public var file: ProbeFile?
    /// The bytes of tensors that were read.
    public var byteCount: Int
    /// How many layers were not tried, because too few models have them in the same shape.
    public var layersNotTried: Int
  }

  let options: Options
  let index: ZooIndex
  let progress: ProgressHandler?

  /// Prepares a run.
  public init(_ index: ZooIndex, options: Options, progress: ProgressHandler? = nil) {
    self.index = index
    self.options = options
    self.progress = progress
  }

  /// Runs.
  ///
  /// - Throws: `Diagnostic` where nothing can be learned from what there is.
  public func run() async throws -> Result {
    var models = try ProbeModels(
      index, target: options.target, where: options.filter, grouping: options.grouping,
      split: options.split)
    guard !models.ids.isEmpty else { throw noModels(models) }
    let subject = options.method.description.subject
    let shared = try sharedLayers(models, subject)
    models.remove(shared?.reasons ?? [:])
    guard !models.ids.isEmpty else { throw noModels(models) }
    let tensors = subject == .statistics ? try sharedTensors(&models) : []
    let layers =
      subject == .layer
      ? shared.map { zip($0.layers, $0.ranks).map { (layer: $0, rank: $1) } } ?? [] : []
    let groups = try MemoryGroups.of(layers, models: models.ids.count, memory: options.memory)
    let reader = LayerReading(index: index, options: options.reading, progress: progress)
    var read = try await reader.read(
      models.ids, layers: groups.first ?? [], statistics: tensors, convention: options.convention)
    models.remove(read.failures)
    guard !models.ids.isEmpty else { throw noModels(models) }
    let labels = try ProbeLabels(
      models.cells, column: options.target, asked: options.task)
    var study = ProbeStudy(labels.targets, options: try studyOptions(models, labels, groups))
    var byteCount = read.byteCount
    var inputs: [String: ProbeInput] = [:]
    if let statistics = read.statistics {
      let input = ProbeInput(numbers: statistics)
      inputs[""] = input
      try study.add("", input, .statistics)
    }
    try study.add("", ProbeInput(numbers: Matrix(zeros: models.ids.count, 0)), .nothing)
    for (number, group) in groups.enumerated() {
      if number > 0 {
        read = try await reader.read(models.ids, layers: group)
        byteCount += read.byteCount
        if let failure = read.failures.min(by: { $0.key < $1.key }) {
          throw Diagnostic(
            .badData, failure.value, at: [models.files[failure.key]],
            remedy: "leave it out with a filter")
        }
      }
      for ((layer, _), stack) in zip(group, read.stacks) {
        let input = ProbeInput(stack: stack)
        try study.add(layer.name, input, .layer)
        // What does not fit memory beside the others is read again at the end.
        if groups.count == 1 { inputs[layer.name] = input }
      }
      read.stacks = []
    }
    let report = try study.report()
    if inputs[report.layer] == nil,
      let chosen = layers.first(where: { $0.layer.name == report.layer })
    {
      let again = try await reader.read(models.ids, layers: [chosen])
      byteCount += again.byteCount
      inputs[report.layer] = again.stacks.first.map { ProbeInput(stack: $0) }
    }
    let curve = try options.hasCurve ? self.curve(study, inputs[report.layer]) : nil
    let file = try keptFile(
      study, report, labels, models, inputs[report.layer], tensors: tensors)
    return Result(
      report: report, curve: curve, labels: labels, models: models, file: file,
      byteCount: byteCount,
      layersNotTried: subject == .layer ? shared?.notTried ?? 0 : 0)
  }

  /// The largest share of models that may be left out for the shapes of their layers where layers are not
  /// read as such.
  private static let fewModels = 0.1

  /// The layers that the models have in common. Seven numbers of a tensor are the same seven whatever its
  /// shape: of a zoo of many widths all models are taken, while few that differ from all others are left
  /// out as foreign.
  private func sharedLayers(
    _ models: ProbeModels, _ subject: ProbeMethodDescription.Subject
  ) throws -> SharedLayers? {
    let catalogs = try ModelCatalogs.of(models.ids, in: index)
    guard subject != .layer else { return try SharedLayers(catalogs, named: options.layer) }
    guard let shared = try? SharedLayers(catalogs, named: options.layer) else { return nil }
    let most = Self.fewModels * Double(models.ids.count)
    return Double(shared.reasons.count) <= most ? shared : nil
  }

  private func noModels(_ models: ProbeModels) -> Diagnostic {
    let first = models.skipped.first.map { ": \($0.file): \($0.reason)" } ?? ""
    return Diagnostic(
      .badData, "no model is left to learn from\(first)", at: [index.path],
      remedy: "choose another column or filter")
  }

  /// The tensors that most models have, of which the others are left out.
  private func sharedTensors(_ models: inout ProbeModels) throws -> [String] {
    let names = try index.tensors(of: models.ids).map { tensors in
      tensors.filter {
        $0.elementType.isFloatingPoint && $0.elementCount > 0 && $0.role != .optimiserState
      }.map(\.name).sorted()
    }
    let counts = Dictionary(grouping: names.indices) { names[$0] }
    let common =
      counts.max { ($0.value.count, $1.value[0]) < ($1.value.count, $0.value[0]) }?.key ?? []
    var reasons: [Int: String] = [:]
    for (model, own) in names.enumerated() where own != common {
      reasons[model] = "it has other tensors than most models"
    }
    models.remove(reasons)
    return common
  }
}
