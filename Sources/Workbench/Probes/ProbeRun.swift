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
    /// Whether models are lined up with the root of their tree before they are read.
    public var alignsToRoots = false
    /// How kernels of convolutions become matrices.
    public var convolutions = ModelLayers.Convolutions.transposed
    /// How models are read.
    public var reading = ZooReading.Options()
    /// Whether places of the models in two dimensions are wanted.
    public var wantsPlane = false
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
    /// How many models are near copies of others, and were put on one side with them.
    public var nearCopies: Int
    /// How many layers were not tried, because too few models have them in the same shape.
    public var layersNotTried: Int
    /// The tree of each model by the centres that the probe keeps; empty where there are no places.
    public var trees: [String] = []
    /// Where models are in the two directions in which the chosen layer differs most, where it was asked for.
    public var plane: LayerPlane?
    /// The folds of all repetitions, as the index may keep them; none where a column says them.
    public var splits: ModelSplits
    /// How models were lined up with the roots of their trees; nil where they were read as they are.
    public var alignment: RootAlignment?
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
    let roots = try await documentedRoots(&models)
    var reader = LayerReading(index: index, options: options.reading, progress: progress)
    reader.alignment = roots?.alignment
    reader.roots = roots?.places ?? [:]
    reader.convolutions = options.convolutions
    var read = try await reader.read(
      models.ids, layers: groups.first ?? [], statistics: tensors, convention: options.convention)
    models.remove(read.failures)
    guard !models.ids.isEmpty else { throw noModels(models) }
    let labels = try ProbeLabels(
      models.cells, column: options.target, asked: options.task)
    var nearCopies = 0
    if options.grouping == .lineage, options.split == nil {
      nearCopies = models.join(
        try NearCopies(read.stacks, jobs: options.reading.jobs).pairs)
    }
    var study = ProbeStudy(labels.targets, options: try studyOptions(models, labels, groups))
    var byteCount = read.byteCount + (roots?.byteCount ?? 0)
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
      study, report, labels, models, inputs[report.layer], tensors: tensors,
      roots: roots?.alignment.roots ?? [])
    var result = Result(
      report: report, curve: curve, labels: labels, models: models, file: file,
      byteCount: byteCount, nearCopies: nearCopies,
      layersNotTried: subject == .layer ? shared?.notTried ?? 0 : 0,
      plane: try plane(inputs[report.layer]), splits: madeSplits(models, study.options.splits),
      alignment: roots?.alignment)
    if result.plane != nil, let stack = inputs[report.layer]?.stack, let centres = file?.centres {
      let radii = file?.manifest.radii ?? []
      result.trees = models.ids.indices.map { model in
        TreeRouting(stack, model, centres: centres, radii: radii)
          .flatMap { file?.manifest.trees[$0.tree] } ?? ""
      }
    }
    return result
  }
}
