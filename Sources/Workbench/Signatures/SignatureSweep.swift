public import Datasets
public import ModelGraph
public import Networks
public import Signatures
public import Support
import Tensors

/// A signature on a network, over strengths and numbers of layers: the work of `wsl signature sweep`.
public struct SignatureSweep: Sendable {
  private let weights: Weights
  private let signature: Signature
  private let names: [String]
  /// The layer that each tensor of the signature belongs to, from 1.
  private let layers: [Int]
  private let bench: StudyBench
  private let jobs: Int?
  /// What the images are damaged with.
  public let corruption: Corruption
  /// How many images there are.
  public let exampleCount: Int

  /// How many layers the signature has.
  public var layerCount: Int { layers.last ?? 1 }

  /// Finds the tensors and corrupts the images.
  ///
  /// Where the network's file names classes, only those are kept of the data.
  public init(
    model: LoadedModel, signature: Signature, statement: GraphStatement, data: Dataset,
    corruption: Corruption, seed: UInt64, jobs: Int?
  ) throws {
    let architecture = try Architecture(model.file, statement: statement)
    names = try architecture.targets(of: signature, in: model.file).names
    var layer = 0
    layers = signature.manifest.tensors.map { tensor in
      // A layer begins with its kernel; what comes before the first one is with that.
      if tensor.kind.isAdded, tensor.shape.count > 1 { layer += 1 }
      return max(1, layer)
    }
    weights = model.weights
    self.signature = signature
    self.corruption = corruption
    self.jobs = jobs
    let own = model.classes.flatMap { data.classCount > $0.count ? $0 : nil }
    let clean = try own.map(data.keeping) ?? data
    let corrupted = try corruption.applied(to: data, seed: seed, jobs: jobs)
    exampleCount = clean.count
    bench = try StudyBench(
      graph: model.graph, clean: clean, corrupted: try own.map(corrupted.keeping) ?? corrupted)
  }

  /// Both accuracies, by number of layers, then by strength.
  public func scores(
    layers counts: [Int], alphas: [Double], progress: ProgressHandler?
  ) throws -> [[StudyScore]] {
    let cells = counts.flatMap { count in alphas.map { (count, $0) } }
    let scores = try Parallel.map(count: cells.count, jobs: jobs) { index in
      progress?(ProgressUpdate("patching", completed: index, total: cells.count, detail: ""))
      let (count, alpha) = cells[index]
      return try bench.score(
        alpha == 0
          ? weights
          : signature.applied(to: weights, names: names, alpha: alpha) { layers[$0] <= count })
    }
    return counts.indices.map { row in
      Array(scores[(row * alphas.count)..<((row + 1) * alphas.count)])
    }
  }
}
