import Support

extension MergekitRecipe {
  /// Where a tensor stands: what its parameters follow from.
  struct Place {
    var slice: Slice
    /// The tensor's name in the result.
    var tensor: String
    /// How far its layer is from the first of the slice to the last, 0…1; 0 for tensors of no layer.
    var depth: Double
  }

  /// A parameter of the method for a tensor.
  ///
  /// What is said nearest counts: of the model in the slice, of the slice, of the recipe.
  ///
  /// - Parameters:
  ///   - name: the parameter.
  ///   - source: whose, of a parameter that each model has.
  ///   - tensor: the tensor's name in that model.
  /// - Throws: `Diagnostic` of code `badData` where nothing says it.
  func value(
    _ name: String, at place: Place, of source: Source? = nil, tensor: String? = nil
  ) throws -> Double {
    let scopes = [source?.settings, place.slice.settings, settings].compactMap { $0 }
    for scope in scopes {
      if let value = scope[name]?.value(for: tensor ?? place.tensor, at: place.depth) {
        return value
      }
    }
    if let standard = method.parameters.first(where: { $0.name == name })?.standard {
      return standard
    }
    throw Diagnostic(
      .badData, "nothing says \(name)" + (source.map { " of \($0.model)" } ?? ""),
      at: [file, place.tensor],
      remedy: source == nil
        ? "give it under `parameters`"
        : "give it under `parameters` of the model, of its slice or of the recipe")
  }

  /// Whether a truth value is set for a tensor.
  func flag(_ name: String, at place: Place) throws -> Bool { try value(name, at: place) != 0 }

  /// The rule of a tensor, its models in the order in which the rule takes them.
  ///
  /// - Parameter names: the tensor's name in each source of the slice.
  /// - Returns: which sources the rule's models are, and the base behind them where differences count.
  func rule(_ place: Place, names: [String]) throws -> (rule: MergekitRule, order: [Int]) {
    let sources = place.slice.sources
    let base = base(of: place.slice)
    let basePlace = sources.firstIndex { $0.model == base }
    let others = sources.indices.filter { !method.needsBase || $0 != basePlace }
    func each(_ name: String) throws -> [Double] {
      try others.map { try value(name, at: place, of: sources[$0], tensor: names[$0]) }
    }
    switch method {
    case .linear:
      let weights = try each("weight")
      guard try flag("normalize", at: place) else { return (.linear(weights), others) }
      let sum = weights.reduce(0, +)
      guard abs(sum) >= 1e-8 else {
        throw Diagnostic(
          .badData, "the weights add up to \(sum), by which they would be divided",
          at: [file, place.tensor], remedy: "set `normalize: false`")
      }
      return (.linear(weights.map { $0 / sum }), others)
    case .passthrough: return (.linear(try each("scale")), others)
    case .slerp:
      return (.slerp(try value("t", at: place)), [basePlace ?? 0] + others)
    case .modelStock:
      guard try !flag("filter_wise", at: place) else {
        throw Diagnostic(
          .badData, "model_stock is not there filter by filter", at: [file, place.tensor],
          remedy: "leave filter_wise out")
      }
      return (.modelStock(count: others.count), others + [basePlace ?? 0])
    case .taskArithmetic, .ties, .dareTies, .dareLinear, .breadcrumbs, .breadcrumbsTies:
      if !method.isDare, try flag("rescale", at: place) {
        throw Diagnostic(
          .badData, "rescale is only there for dare_ties and dare_linear",
          at: [file, place.tensor], remedy: "leave it out, and set lambda")
      }
      let thinning = MergekitThinning(
        method: method, weights: try each("weight"), densities: try each("density"),
        gammas: method.isBreadcrumbs ? try each("gamma") : [],
        normalizes: try flag("normalize", at: place), rescales: try flag("rescale", at: place),
        scale: try value("lambda", at: place))
      return (.thinned(thinning), others + [basePlace ?? 0])
    }
  }
}
