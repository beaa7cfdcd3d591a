public import Catalogs
import Support

extension ModelGraph {
  /// The assumptions that decide which units move.
  public var permutingAssumptions: [Assumption] { assumptions.filter(\.concernsPermuting) }

  /// The layers whose units stay because a file does not tell, with the reason.
  public var heldReasons: [Skipped] {
    var reasons: [String: String] = [:]
    var order: [String] = []
    for assumption in assumptions where assumption.effect == .held {
      for layer in assumption.layers where reasons[layer] == nil {
        reasons[layer] = "its units stay in place: " + assumption.statement
        order.append(layer)
      }
    }
    return order.map { Skipped(name: $0, reason: reasons[$0] ?? "") }
  }

  /// The graph with nothing in doubt that concerns permuting: what a file's own fingerprint or the
  /// partner of a pair settles.
  public func settled(as certainty: Certainty) -> ModelGraph {
    var graph = self
    graph.certainty = certainty
    graph.heldLayers = []
    graph.assumptions.removeAll(where: \.concernsPermuting)
    if certainty == .declared { graph.whyNotRunnable = withoutDoubtOfZeros }
    return graph
  }

  /// Why the graph cannot be run, apart from zeros whose place the file leaves open.
  private var withoutDoubtOfZeros: String? {
    assumptions.contains { $0.subject == .zeros } ? nil : whyNotRunnable
  }

  /// Refuses a network whose activations the file does not state: what holds for ReLU alone, the free
  /// scales of units, must not be done on a guess.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  public func requireStatedActivation() throws {
    guard assumptions.contains(where: { $0.subject == .activation }) else { return }
    throw Diagnostic(
      .badData,
      "the file does not say its activations, and only units of ReLU and its kin have free scales",
      remedy:
        "state the activation: \(setting: .assume) relu, a description (\(setting: .graph)), or the file's attribute "
        + "'activation'")
  }

  /// Whether the file carries the fingerprint of this network, as files that are built here do.
  func isDeclared(by catalog: Catalog) -> Bool {
    guard certainty != .declared, catalog.text("producer") == "wsl",
      let stated = catalog.text("fingerprint")
    else { return false }
    return stated == fingerprint || stated == perceptron(of: catalog)?.fingerprint
  }

  /// The dense network of the same widths that takes examples of the shape that the file states: its
  /// weights alone do not show that examples are flattened first.
  private func perceptron(of catalog: Catalog) -> ModelGraph? {
    var widths: [Int] = []
    var activation: Activation?
    for layer in layers {
      switch layer.operation {
      case .input: break
      case .dense(let units): widths.append(units)
      case .activation(let function): activation = function
      default: return nil
      }
    }
    guard let classes = widths.popLast(),
      let shape = StateDictionaryImporter.statedShape(catalog), CheckedShape.isPlausible(shape)
    else { return nil }
    return try? ModelGraph.perceptron(
      inputShape: shape, widths: widths, classes: classes, activation: activation ?? .relu)
  }
}
