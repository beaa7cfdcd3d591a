/// The methods of mergekit's recipes that are there, with the parameters that each has.
enum MergekitMethod: String, Sendable, Hashable, CaseIterable {
  case linear, slerp, ties, breadcrumbs, passthrough
  case taskArithmetic = "task_arithmetic"
  case dareTies = "dare_ties"
  case dareLinear = "dare_linear"
  case breadcrumbsTies = "breadcrumbs_ties"
  case modelStock = "model_stock"

  /// A parameter of a method.
  struct Parameter: Sendable, Hashable {
    var name: String
    /// Whether each model has its own.
    var isOfModel = false
    /// Whether it is a truth value.
    var isFlag = false
    /// What holds where nothing is said; nil where something has to be.
    var standard: Double?
  }

  /// The parameters, as mergekit 0.1.5 has them.
  var parameters: [Parameter] {
    switch self {
    case .linear:
      [Parameter(name: "weight", isOfModel: true), .flag("normalize", true)]
    case .slerp: [Parameter(name: "t")]
    case .passthrough: [Parameter(name: "scale", isOfModel: true, standard: 1)]
    case .modelStock: [.flag("filter_wise", false)]
    case .taskArithmetic, .ties, .dareTies, .dareLinear, .breadcrumbs, .breadcrumbsTies:
      [
        .flag("int8_mask", false), .flag("normalize", self == .ties),
        .flag("rescale", isDare), Parameter(name: "lambda", standard: 1),
        Parameter(name: "weight", isOfModel: true),
        Parameter(name: "density", isOfModel: true, standard: 1),
      ] + (isBreadcrumbs ? [Parameter(name: "gamma", isOfModel: true, standard: 0.01)] : [])
    }
  }

  /// Whether differences are dropped by chance.
  var isDare: Bool { self == .dareTies || self == .dareLinear }
  /// Whether the largest and the smallest are dropped.
  var isBreadcrumbs: Bool { self == .breadcrumbs || self == .breadcrumbsTies }
  /// Whether a sign is elected for each element.
  var elects: Bool { self == .ties || self == .dareTies || self == .breadcrumbsTies }
  /// Whether differences from a base are what is merged.
  var countsFromBase: Bool { self != .linear && self != .slerp && self != .passthrough }
  /// Whether it needs a base: as what differences are counted from, or as the end at t = 0.
  var needsBase: Bool { countsFromBase || self == .slerp }
}

extension MergekitMethod.Parameter {
  fileprivate static func flag(_ name: String, _ standard: Bool) -> Self {
    Self(name: name, isFlag: true, standard: standard ? 1 : 0)
  }
}
