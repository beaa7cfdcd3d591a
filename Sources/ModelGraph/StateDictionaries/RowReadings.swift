public import Catalogs
import Support

/// The ways to read a file of weights alone whose layers form a row: what data can tell apart.
public struct RowReadings: Sendable {
  /// The readings, the plain row first; none where there are too many to be tried.
  public let variations: [RowVariation]
  /// Whether the network can be run: convolutions of weights alone cannot.
  public let isRunnable: Bool
  private let chain: StateChain
  private let source: String
  private let activation: Activation?
  private let skipped: [ModelGraph.Skipped]

  /// The readings of a file; nil where its graph is not a guess of this kind, or where there is
  /// nothing to tell apart.
  ///
  /// - Complexity: O(layers²).
  public init?(_ catalog: Catalog) {
    guard let graph = try? ModelGraph(catalog), graph.certainty == .assumed else { return nil }
    let chain: StateChain?
    switch graph.source {
    case KerasWeightsImporter.source:
      chain = (try? KerasWeightsImporter.chain(of: catalog)) ?? nil
      activation = nil
    case StateDictionaryImporter.source:
      chain = try? StateDictionaryImporter.chain(of: StateDictionary(catalog), catalog)
      activation = StateDictionaryImporter.statedActivation(catalog)
    default: return nil
    }
    // Shortcuts around recurrent layers are not among the readings that are tried.
    guard let chain, !chain.hasSteps else { return nil }
    let doubts = RowDoubts(chain, .none)
    let all = RowVariation.all(
      widths: doubts.widths, sections: doubts.widths.indices.map(doubts.section))
    if let all, all.count < 2 { return nil }
    self.chain = chain
    source = graph.source
    skipped = graph.skipped
    variations = all ?? []
    isRunnable = graph.whyNotRunnable == nil
  }

  /// Whether the file states its activations.
  public var statesActivation: Bool { activation != nil }

  /// The graph of one reading, with nothing of the row left in doubt.
  public func graph(
    _ variation: RowVariation, statement: GraphStatement
  ) throws -> ModelGraph {
    var graph = try chain.graph(
      source: source, activation: activation, statement: statement, variation: variation)
    graph.skipped += skipped
    return graph
  }

  /// The plain row with every unit held that another reading concerns: what is right whichever holds.
  public func cautiousGraph(statement: GraphStatement) throws -> ModelGraph {
    var graph = try chain.graph(
      source: source, activation: activation, statement: statement, isCautious: true)
    graph.skipped += skipped
    return graph
  }

  /// A reading in words.
  public func describe(_ variation: RowVariation) -> String {
    if variation.isRow { return "a row" }
    let kernels = RowDoubts(chain, .none).kernels.map(\.module.path)
    func around(_ shortcut: RowVariation.Shortcut) -> String {
      kernels[shortcut.from..<shortcut.to].joined(separator: "–")
    }
    if !variation.repeated.isEmpty {
      return variation.repeated.map { kernels[$0 - 1] }.joined(separator: ", ") + " used twice"
    }
    let place = variation.addsBeforeActivation ? "before" : "after"
    return "shortcuts around " + variation.shortcuts.map(around).joined(separator: ", ")
      + ", added \(place) the activation"
  }
}
