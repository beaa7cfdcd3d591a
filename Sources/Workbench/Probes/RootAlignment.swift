import Catalogs
import Matching
import ModelGraph
public import Probes
import Support
import Synchronization
import Tensors
import WeightFiles
public import ZooIndex

/// Puts the hidden units of models beside those of the root of their tree, by weight matching, before a
/// probe reads them: networks that compute the same in another order of units then look the same.
///
/// Ainsworth, Hayase and Srinivasa, "Git Re-Basin", ICLR 2023, section 3.2, for each model alone.
public struct RootAlignment: Sendable {
  /// How a model was lined up.
  public struct Found: Sendable {
    /// The place of its root.
    public var root: Int
    /// The sum of squared differences from that root that is left.
    public var distance: Double
    /// How many units are in another place than before.
    public var movedUnits: Int
    /// Whether all of the model was read for it, and not what was found of it before taken.
    public var isNew = true
    /// The groups of units, by the model's own names.
    fileprivate var groups: [PermutationGroup]
    fileprivate var permutations: [[Int]]
  }

  /// A root, ready to be compared.
  private struct Root: Sendable {
    var graph: ModelGraph
    var weights: Weights
  }

  /// The roots as a probe's file keeps them.
  public let roots: [ProbeRoot]
  private let prepared: [Root]
  private let known = Known()

  /// Prepares roots.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a description does not fit its tensors.
  public init(_ roots: [ProbeRoot]) throws {
    self.roots = roots
    prepared = try roots.map { root in
      let entries = root.weights.sorted { $0.key < $1.key }.map { name, tensor in
        TensorEntry(
          name: name, shape: tensor.shape, elementType: .float32, layout: .inline([]))
      }
      let catalog = Catalog(file: root.file, format: .hdf5, byteCount: 0, tensors: entries)
      do {
        return Root(
          graph: try ModelGraph(description: root.graph, of: catalog), weights: root.weights)
      } catch let error as Diagnostic {
        throw error.inside(root.file)
      }
    }
  }

  /// Lines a model up, so that its tensors are read in their new order from now on.
  ///
  /// - Parameters:
  ///   - model: the model, opened with its attributes and documents.
  ///   - root: the place of its root; nil takes the root that is nearest after matching.
  ///   - identifier: under what the result is kept for the next time; nil keeps nothing.
  ///   - tensors: the tensors that will be read.
  /// - Throws: `Diagnostic` of code `badData` where its network is not understood, or is not that of the
  ///   root.
  /// - Complexity: a weight matching for each root that is compared.
  @discardableResult
  public func align(
    _ model: ScannedModel, to root: Int? = nil, as identifier: Int64? = nil, tensors: [String]
  ) throws -> Found {
    if let identifier, var found = known[identifier] {
      found.isNew = false
      let wanted = model.entries.filter { tensors.contains($0.name) }
      try model.with(wanted) { values in
        substitute(
          Dictionary(
            zip(wanted.map(\.name), values), uniquingKeysWith: { first, _ in first }), found, model)
      }
      return found
    }
    let found = try model.withNetwork(copies: 3) { graph, weights in
      if let broken = BrokenElement(in: weights, of: model.file.catalog.file) {
        throw broken.diagnostic
      }
      let found = try match(graph, weights, to: root)
      substitute(weights.filter { tensors.contains($0.key) }, found, model)
      return found
    }
    if let identifier { known[identifier] = found }
    return found
  }

  private func substitute(_ weights: Weights, _ found: Found, _ model: ScannedModel) {
    model.substitute(Permuting.apply(found.permutations, of: found.groups, to: weights))
  }

  /// The best of the roots that the network has the layers of.
  private func match(_ graph: ModelGraph, _ weights: Weights, to root: Int?) throws -> Found {
    var best: Found?
    var failure: Diagnostic?
    for place in root.map({ [$0] }) ?? Array(prepared.indices) {
      do {
        let found = try match(graph, weights, with: prepared[place], at: place)
        if found.distance < best?.distance ?? .infinity { best = found }
      } catch let error as Diagnostic where error.code == .badData {
        failure = failure ?? error.inside("beside its root \(roots[place].file)")
      }
    }
    if let best { return best }
    throw failure ?? Diagnostic(.badData, "there is no root to line it up with")
  }

  private func match(
    _ graph: ModelGraph, _ weights: Weights, with root: Root, at place: Int
  ) throws -> Found {
    var pair = try ModelPair(root.graph, graph, acceptsHeads: true)
    if pair.certainty != .declared {
      pair = try ModelPair(
        pair.a.holdingEqualKernels(in: root.weights), pair.b.holdingEqualKernels(in: weights),
        acceptsHeads: true)
    }
    var options = Matcher.Options()
    options.search.jobs = 1
    let result = try Matcher(options).match(
      root.weights, pair.alignedToA(weights), graph: pair.body, groups: pair.groupsA)
    let moved = result.permutations.reduce(0) { sum, permutation in
      sum + permutation.enumerated().count { $0.offset != $0.element }
    }
    return Found(
      root: place, distance: result.objectiveAfter, movedUnits: moved, groups: pair.groupsB,
      permutations: result.permutations)
  }

  /// How many models were lined up with each root, and in how many of all units moved.
  public var summary: (models: [Int], moved: Int) { known.summary(roots.count) }
}

/// What was found of models that are read more than once.
private final class Known: Sendable {
  private let found = Mutex<[Int64: RootAlignment.Found]>([:])

  subscript(identifier: Int64) -> RootAlignment.Found? {
    get { found.withLock { $0[identifier] } }
    set { found.withLock { $0[identifier] = newValue } }
  }

  func summary(_ roots: Int) -> (models: [Int], moved: Int) {
    found.withLock { found in
      var models = [Int](repeating: 0, count: roots)
      for one in found.values { models[one.root] += 1 }
      return (models, found.values.count { $0.movedUnits > 0 })
    }
  }
}
