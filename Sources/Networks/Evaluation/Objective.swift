package import ModelGraph
import Support

/// What the outputs of a network are measured by on a data set: a loss, and what the outputs should be.
///
/// The data and the network decide (`Objective+Choice`), unless the user stated a loss.
public struct Objective: Sendable, Hashable {
  /// What the outputs should be.
  public enum Target: String, Sendable, Hashable {
    /// The class, by the largest output; for one output, by its side of ½.
    case classes
    /// The numbers of the labels.
    case numbers
    /// The network's own input, as autoencoders give it back.
    case inputs
    /// The next token at every step, for a language model.
    case nextTokens
    /// A class at every step.
    case stepClasses
  }

  /// The loss.
  public var loss: Loss
  /// What the outputs should be.
  public var target: Target
  /// Why, where it is not the cross-entropy of classes: one sentence, without a full stop.
  public var reason: String?
  /// Whether the softmax or the sigmoid at the network's end is a part of the loss.
  var dropsFinalActivation: Bool
  /// Whether outputs behind a sigmoid are right or wrong.
  var countsRight = false

  /// What the objective is, for a warning; nil for the cross-entropy of classes.
  public var statement: String? {
    guard let reason else { return nil }
    let name =
      switch loss {
      case .crossEntropy: "the cross-entropy"
      case .binaryCrossEntropy: "the binary cross-entropy"
      case .meanSquaredError: "the mean squared error"
      }
    return "the loss is \(name): \(reason)" + (countsRight ? "" : "; there is no accuracy")
  }
}

extension ModelGraph {
  /// The layer of the activation that the network ends with, but for changes of shape; nil where it ends
  /// with another layer, or where others read the activation, too.
  var finalActivationLayer: Int? {
    guard var layer = outputs.first else { return nil }
    while true {
      let reader = layer
      switch layers[layer].operation {
      case .activation(.linear), .reshape, .flatten, .dropout:
        guard let input = layers[layer].inputs.first else { return nil }
        layer = input
      case .activation: return layer
      default: return nil
      }
      guard layers.indices.allSatisfy({ $0 == reader || !layers[$0].inputs.contains(layer) }),
        !outputs.contains(layer)
      else { return nil }
    }
  }

  /// The activation that the network ends with, but for changes of shape.
  package var finalActivation: Activation? {
    guard var layer = outputs.first else { return nil }
    while true {
      switch layers[layer].operation {
      case .activation(.linear), .reshape, .flatten, .dropout:
        guard let input = layers[layer].inputs.first else { return nil }
        layer = input
      case .activation(let activation): return activation
      default: return nil
      }
    }
  }
}

extension Measured: Sendable where Compiled: Sendable {}

/// A network compiled for a data set, with what it is measured by.
struct Measured<Compiled> {
  let compiled: Compiled
  let objective: Objective
  /// The examples in the network's own shape.
  let dataset: Dataset
  /// What the outputs should be, where it is not the cross-entropy of classes.
  let targets: [Float]
  /// What they should be at every step, where each has a class.
  let stepTargets: StepTargets?

  /// Compiles, decides, and compiles again where the activation at the end is no part of the loss.
  init(
    _ graph: ModelGraph, _ dataset: Dataset, options: ProgramOptions,
    shapes: (Compiled) -> (input: [Int], output: [Int]),
    compile: (ProgramOptions) throws -> Compiled
  ) throws {
    var options = options
    options.inputShape = graph.inputShape(for: dataset.exampleShape)
    options.dropsFinalSoftmax = true
    options.dropsFinalSigmoid = true
    var compiled = try compile(options)
    let (input, output) = shapes(compiled)
    objective = try Objective(
      for: dataset, final: graph.finalActivation, inputShape: input, outputShape: output)
    if objective.dropsFinalActivation, graph.finalActivationLayer == nil {
      throw Diagnostic(
        .badData, "the activation at the network's end is read by other layers, too",
        remedy: "have your framework measure it (\(setting: .evaluator))")
    }
    if !objective.dropsFinalActivation,
      [.softmax, .sigmoid].contains(graph.finalActivation)
    {
      options.dropsFinalSoftmax = false
      options.dropsFinalSigmoid = false
      compiled = try compile(options)
    }
    self.compiled = compiled
    self.dataset = try dataset.adapted(to: input, for: graph)
    targets = objective.targets(of: self.dataset, outputSize: output.reduce(1, *))
    stepTargets = try objective.stepTargets(of: self.dataset, outputShape: output)
  }

  /// The loss of some examples, and its gradient.
  ///
  /// - Parameters:
  ///   - outputs: the outputs, of `size` numbers for each example.
  ///   - examples: which examples they are of.
  ///   - gradient: where the gradient of the mean loss goes.
  func evaluate(
    _ outputs: UnsafePointer<Float>, size: Int, examples: some Collection<Int>,
    gradient: UnsafeMutablePointer<Float>? = nil
  ) -> LossSum {
    if let stepTargets {
      return stepTargets.evaluate(outputs, examples: examples, gradient: gradient)
    }
    if objective.loss == .crossEntropy {
      let labels = examples.map { dataset.labels[$0] }
      return Loss.crossEntropy.evaluate(
        outputs, labels: labels[...], classCount: size, gradient: gradient)
    }
    var total = LossSum()
    let scale = 1 / Double(max(1, examples.count * size))
    for (row, example) in examples.enumerated() {
      var sum = 0.0
      for index in 0..<size {
        let place = row * size + index
        let (loss, slope) = objective.loss.value(
          Double(outputs[place]), target: Double(targets[example * size + index]))
        sum += loss
        gradient?[place] = Float(slope * scale)
      }
      total.loss += sum / Double(max(1, size))
      total.correct += correctShare(
        UnsafeBufferPointer(start: outputs + row * size, count: size), example)
    }
    return total
  }

  /// 1 for a right answer, 0 for a wrong one; of several labels the share that is right; NaN where
  /// nothing is right or wrong.
  private func correctShare(_ outputs: UnsafeBufferPointer<Float>, _ example: Int) -> Double {
    let start = example * outputs.count
    if objective.target == .classes, outputs.count > 1 {
      guard !outputs.contains(where: \.isNaN), let most = outputs.max(),
        let best = outputs.firstIndex(of: most)
      else { return 0 }
      return best == Int(dataset.labels[example]) ? 1 : 0
    }
    guard objective.loss == .binaryCrossEntropy, objective.countsRight else { return .nan }
    let right = outputs.indices.count { index in
      outputs[index].isNaN ? false : (outputs[index] > 0) == (targets[start + index] == 1)
    }
    return Double(right) / Double(max(1, outputs.count))
  }
}
