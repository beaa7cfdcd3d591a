import Support

/// A network of 3×3 convolutions, max pooling and dense layers, as VGG (Simonyan and Zisserman
/// 2015) and its versions for small images are.
public struct PlainPlan: Sendable, Hashable {
  /// A step of the convolutional part.
  public enum Step: Sendable, Hashable {
    /// A 3×3 convolution that keeps the map's size, with its activation.
    case convolution(width: Int)
    /// 2×2 max pooling.
    case pooling
  }

  /// The shape of one example: channels, height, width.
  public var inputShape: [Int]
  /// The convolutional part.
  public var steps: [Step]
  /// Whether every convolution is followed by batch normalisation.
  public var isNormalised: Bool
  /// The units of the dense layers before the last.
  public var hidden: [Int]
  /// The number of classes.
  public var classes: Int
  /// The activation after all layers but the last.
  public var activation: Activation

  /// Makes a plan.
  public init(
    inputShape: [Int], steps: [Step], isNormalised: Bool = false, hidden: [Int] = [],
    classes: Int, activation: Activation = .relu
  ) {
    self.inputShape = inputShape
    self.steps = steps
    self.isNormalised = isNormalised
    self.hidden = hidden
    self.classes = classes
    self.activation = activation
  }
}

extension ModelGraph {
  /// A dense network that has no file yet, its tensors named as PyTorch would (`fc1/weight`,
  /// [out, in]).
  ///
  /// - Parameters:
  ///   - inputShape: the shape of one example; flattened first where it has several axes.
  ///   - widths: the units of the hidden layers.
  ///   - classes: the outputs.
  /// - Throws: `Diagnostic` of code `badData` where a width is not positive.
  public static func perceptron(
    inputShape: [Int], widths: [Int], classes: Int, activation: Activation = .relu
  ) throws -> ModelGraph {
    var builder = FamilyBuilder(source: "dense plan", tensors: NewTensors())
    var x = try builder.graph.input(shape: inputShape.map { $0 })
    if inputShape.count > 1 { x = try builder.graph.add("flatten", .flatten, inputs: [x]) }
    for (index, width) in (widths + [classes]).enumerated() {
      let name = "fc\(index + 1)"
      x = try builder.dense(name, x, units: width)
      if index < widths.count { x = try builder.activation(name, activation, x) }
    }
    return try builder.graph.finish(outputs: [x])
  }

  /// A plain convolutional network that has no file yet, its tensors named as torchvision's
  /// (`features/0/weight`, `classifier/0/weight`).
  ///
  /// - Throws: `Diagnostic` of code `badData` where the plan's shapes do not chain.
  public static func vgg(_ plan: PlainPlan) throws -> ModelGraph {
    var builder = FamilyBuilder(source: "plain plan", tensors: NewTensors())
    let names = PlainPlan.Names(plan)
    let output = try builder.add(plan, names)
    return try builder.graph.finish(outputs: [output])
  }
}

extension PlainPlan {
  /// The names of the modules.
  struct Names {
    /// Of the convolutions, in order.
    var convolutions: [String]
    /// Of the normalisations, in order.
    var normalizations: [String]
    /// Of the dense layers, in order.
    var dense: [String]

    /// torchvision's: a place in `features` for every layer, pooling and activations included.
    init(_ plan: PlainPlan) {
      convolutions = []
      normalizations = []
      var place = 0
      for step in plan.steps {
        if step == .pooling {
          place += 1
          continue
        }
        convolutions.append("features.\(place)")
        if plan.isNormalised { normalizations.append("features.\(place + 1)") }
        place += plan.isNormalised ? 3 : 2
      }
      // Linear, activation, dropout.
      dense =
        plan.hidden.isEmpty
        ? ["classifier"] : (0...plan.hidden.count).map { "classifier.\(3 * $0)" }
    }

    init(convolutions: [String], normalizations: [String], dense: [String]) {
      self.convolutions = convolutions
      self.normalizations = normalizations
      self.dense = dense
    }
  }
}

extension FamilyBuilder {
  /// Adds a whole plain network.
  ///
  /// - Returns: the index of its last layer.
  mutating func add(_ plan: PlainPlan, _ names: PlainPlan.Names) throws -> Int {
    var x = try graph.input(shape: plan.inputShape.map { $0 })
    var convolutions = 0
    var pools = 0
    for step in plan.steps {
      switch step {
      case .convolution(let width):
        var name = names.convolutions[convolutions]
        x = try convolution(
          name, x, filters: width, size: 3, padding: 1,
          hasBias: try hasBias(name, width) || !plan.isNormalised)
        if plan.isNormalised {
          name = names.normalizations[convolutions]
          x = try batchNormalization(name, x)
        }
        x = try activation(name, plan.activation, x)
        convolutions += 1
      case .pooling:
        pools += 1
        x = try pooling("pool\(pools)", .maximum, x, size: 2, stride: 2)
      }
    }
    x = try graph.add("flatten", .flatten, inputs: [x])
    for (index, width) in (plan.hidden + [plan.classes]).enumerated() {
      x = try dense(names.dense[index], x, units: width)
      if index < plan.hidden.count { x = try activation(names.dense[index], plan.activation, x) }
    }
    return x
  }

  private func hasBias(_ module: String, _ width: Int) throws -> Bool {
    try tensors.parameter(.bias, of: module, leaf: "bias", shape: [width], axes: [.output]) != nil
  }
}
