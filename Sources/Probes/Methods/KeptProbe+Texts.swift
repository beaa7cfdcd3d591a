public import LinearAlgebra

extension KeptProbe {
  /// The length of the vectors of texts that it compares models with; nil where it does not.
  public var textWidth: Int? {
    switch self {
    case .network(let network, _, _, _):
      if case .aligned(let width) = network.shape.head { width } else { nil }
    case .routed(let routed): routed.probes.first?.textWidth
    case .dense, .numbers, .constant: nil
    }
  }

  /// The same probe, which compares models with other texts: a class that no model was of is ranked by
  /// its text alone (Horwitz et al. 2025, zero-shot).
  ///
  /// - Parameter texts: an embedding for each class, a row each, as long as those that it learned.
  /// - Returns: the probe itself where it compares with no texts.
  public func ranking(_ texts: Matrix<Float>) -> KeptProbe {
    switch self {
    case .network(let network, let mean, let deviation, let own?):
      precondition(own.columns == texts.columns, "the texts must be as long as those learned")
      return .network(network, mean: mean, deviation: deviation, texts: texts)
    case .routed(var routed):
      routed.experts = routed.experts.map { $0?.ranking(texts) }
      routed.general = routed.general?.ranking(texts)
      return .routed(routed)
    case .network, .dense, .numbers, .constant: return self
    }
  }

  /// The probe that judges a model: of probes of several trees, that of the nearest.
  public func expert(for model: Int, in input: ProbeInput) -> KeptProbe {
    guard case .routed(let routed) = self, let stack = input.stack,
      let routing = TreeRouting(stack, model, centres: routed.centres, radii: routed.radii),
      let expert = routed.experts[routing.tree] ?? routed.general
    else { return self }
    return expert
  }

  /// What models are compared by: a network's representations, or else the scores of outputs, where there
  /// are several; a row for each model.
  ///
  /// - Returns: nil where the probe says the same of all models, or one number of each.
  public func features(
    of models: [Int], in input: ProbeInput, jobs: Int? = nil
  ) throws -> Matrix<Double>? {
    switch self {
    case .network(let network, _, _, _):
      guard let stack = input.stack else { return nil }
      return Matrix(widening: try network.representations(of: models, in: stack, jobs: jobs))
    case .dense, .numbers:
      return outputCount > 1 ? try scores(of: models, in: input, jobs: jobs) : nil
    case .constant, .routed: return nil
    }
  }
}
