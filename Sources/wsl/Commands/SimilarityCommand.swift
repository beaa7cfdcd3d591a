public import ArgumentParser
public import Curvature
import Datasets
import ModelGraph
import Networks
import Workbench
import Support

/// `wsl similarity`: how alike what networks compute is.
struct SimilarityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity",
    abstract: "Compare what networks compute on data: CKA, SVCCA, agreement of predictions.",
    discussion: """
      Of more than two networks all pairs are compared. Their architectures may differ, where they \
      have the layers that are named. Examples:
        wsl similarity a.h5 b.h5 --data digits
        wsl similarity a.h5 b.h5 c.h5 --data digits --layer logits --layer dense_1 --json
        wsl similarity a.h5 b.h5 --data digits --estimate biased --batch-size 128
      """)

  @Argument(help: "The networks.", completion: .file())
  var models: [String]

  @OptionGroup(title: "The data") var examples: ExampleOptions

  @Option(
    help: ArgumentHelp(
      """
      A layer whose outputs are compared; may be repeated. logits is what a network ends with, \
      before a softmax or a sigmoid (the default).
      """, valueName: "name"))
  var layer: [String] = []

  @Option(
    help: """
      unbiased (sums over the batches), or biased: the mean of the batches' own CKA, as the zoo of \
      phases has it.
      """)
  var estimate: SimilarityMatrix.Estimate = .unbiased

  @Option(help: "How many examples are compared with one another at once.")
  var batchSize = 512

  @Option(
    help: ArgumentHelp(
      """
      Mix every example with another one, by weights of Beta(ALPHA, ALPHA), as mixup does; 16 is what Yang \
      et al. compare networks on.
      """, valueName: "alpha"))
  var mixup: Double?

  @Option(help: "The seed of what is mixed.")
  var seed: UInt64 = 0

  @Flag(inversion: .prefixedNo, help: "Measure SVCCA, too.")
  var svcca = true

  @OptionGroup(title: "The network") var stated: GraphOptions
  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  mutating func validate() throws {
    models = models.map(part.path)
    if models.count < 2 {
      throw ValidationError("A comparison needs two networks: wsl similarity A B.")
    }
    if batchSize < 4 { throw ValidationError("--batch-size takes a number from 4 up.") }
    if let mixup, !(mixup > 0 && mixup.isFinite) {
      throw ValidationError("--mixup takes a number above 0.")
    }
    if Set(layer).count < layer.count { throw ValidationError("--layer names a layer twice.") }
  }

  func run() async throws {
    var loaded: [LoadedModel] = []
    for path in models {
      loaded.append(
        try await LoadedModel.load(path, statement: stated.statement, jobs: workers.jobs))
    }
    let line = ProgressLine(quiet: shown.quiet)
    defer { line.finish() }
    var result = SimilarityResult(
      models: models, data: examples.data, estimate: estimate, measuresSVCCA: svcca)
    result.mixup = mixup
    for model in loaded {
      result.warnings += model.graph.assumptions.map { "\(model.path): \($0.warning)" }
    }
    let layers = layer.isEmpty ? [NetworkSimilarity.logits] : layer
    for split in examples.split.splits {
      let plain = try await examples.load(split, for: loaded[0])
      let data = try mixup.map { try plain.mixed(alpha: $0, seed: seed) } ?? plain
      let similarity = try NetworkSimilarity(
        of: loaded.map { .init(graph: $0.graph, weights: $0.weights) }, layers: layers, on: data,
        estimate: estimate, measuresSVCCA: svcca, batchSize: batchSize, jobs: workers.jobs,
        progress: line.handler)
      result.add(similarity, split: split.rawValue)
      for model in loaded {
        result.warnings += examples.warnings(about: model, on: plain, jobs: workers.jobs)
      }
    }
    result.normalization = try examples.normalizing.record()
    line.finish()
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
  }
}

extension SimilarityMatrix.Estimate: ExpressibleByArgument {}
