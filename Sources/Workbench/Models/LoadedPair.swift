import Catalogs
public import ModelGraph
public import Support
public import Tensors
public import WeightFiles

/// Two files whose networks can be lined up, with their weights under A's names.
public struct LoadedPair: Sendable {
  /// The first file.
  public let fileA: WeightFile
  /// The second file.
  public let fileB: WeightFile
  /// The graph of A, which also runs B's weights; without its head, where B has another one.
  public let graph: ModelGraph
  /// How the layers and tensors correspond.
  public let pair: ModelPair
  /// The weights of A, by its names and in its axis order.
  public let weightsA: Weights
  /// B's weights, by A's names and in A's axis order.
  public let weightsB: Weights
  /// What the two files leave open, as far as the pair does not settle it.
  public let assumptions: [FileAssumption]
  /// How sure the less certain of the two graphs is.
  public var certainty: Certainty { pair.certainty }

  /// Opens two files, pairs their layers and reads the tensors of both networks.
  ///
  /// - Parameters:
  ///   - maxMemory: how many bytes the weights may take, with what is being decoded.
  ///   - acceptsHeads: whether the networks may share a body and have different heads.
  public static func load(
    _ pathA: String, _ pathB: String, statement: GraphStatement, jobs: Int?, maxMemory: Int? = nil,
    acceptsHeads: Bool = false
  ) async throws -> LoadedPair {
    async let openingA = WeightFile.open(pathA)
    async let openingB = WeightFile.open(pathB)
    let (fileA, fileB) = (try await openingA, try await openingB)
    let graphA = try graph(of: fileA, statement: statement)
    let graphB = try graph(of: fileB, statement: statement)
    let pair: ModelPair
    do {
      pair = try ModelPair(graphA, graphB, acceptsHeads: acceptsHeads)
    } catch let error as Diagnostic {
      let body = acceptsHeads ? nil : try? ModelPair(graphA, graphB, acceptsHeads: true)
      throw (body?.headDifference ?? error).inside("\(pathA) and \(pathB)")
    }
    // Held as Float32, both at once.
    let held = (graphA.parameters + graphB.parameters).map { 4 * $0.shape.reduce(1, *) }
    let budget = try maxMemory.map { try MemoryBudget(byteCount: $0, holding: held) }
    let weightsA = try fileA.read(graphA.parameters.map(\.tensor), jobs: jobs, budget: budget)
    let weightsB = try fileB.read(graphB.parameters.map(\.tensor), jobs: jobs, budget: budget)
    return try LoadedPair(
      LoadedModel(path: pathA, file: fileA, graph: graphA, weights: weightsA),
      LoadedModel(path: pathB, file: fileB, graph: graphB, weights: weightsB), pair: pair,
      statement: statement, acceptsHeads: acceptsHeads)
  }

  private static func graph(of file: WeightFile, statement: GraphStatement) throws -> ModelGraph {
    do {
      return try ModelGraph(file.catalog, statement: statement)
    } catch let error as Diagnostic {
      throw error.inside(file.catalog.file)
    }
  }

  /// What the networks have that is not understood, and stays as it is: a sentence each.
  public var leftAlone: [String] {
    let first = graph.leftAloneSentence
    let second = pair.b.leftAloneSentence
    let files = [fileA.catalog.file, fileB.catalog.file]
    // Two networks of one architecture mostly say the same.
    return zip(files, [first, second == first ? nil : second]).compactMap { file, sentence in
      sentence.map { "\(file): \($0)" }
    }
  }

  /// The first element that is not a finite number, with its file and the tensor's name there;
  /// nil where all are.
  public var brokenElement: Diagnostic? {
    let broken =
      BrokenElement(in: weightsA, of: fileA.catalog.file)
      ?? BrokenElement(in: weightsB, of: fileB.catalog.file, names: pair.tensorsBFromA)
    return broken?.diagnostic
  }
}

extension LoadedPair {
  /// Pairs two networks that were read.
  ///
  /// - Parameter pair: how their layers correspond, where that is known already.
  /// - Throws: `Diagnostic` of code `badData` where they do not correspond.
  public init(
    _ a: LoadedModel, _ b: LoadedModel, pair known: ModelPair? = nil,
    statement: GraphStatement = .none, acceptsHeads: Bool = false
  ) throws {
    var pair = try known ?? ModelPair(a.graph, b.graph, acceptsHeads: acceptsHeads)
    if pair.certainty != .declared, !statement.states(.row) {
      pair = try ModelPair(
        pair.a.holdingEqualKernels(in: a.weights), pair.b.holdingEqualKernels(in: b.weights),
        acceptsHeads: acceptsHeads)
    }
    self.init(
      fileA: a.file, fileB: b.file, graph: pair.body, pair: pair, weightsA: a.weights,
      weightsB: pair.alignedToA(b.weights),
      assumptions: FileAssumption.all([(a.path, pair.a), (b.path, pair.b)]))
  }
}
