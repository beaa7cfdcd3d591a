import Foundation
import Support

/// The classes that a network should give at each step of its examples: the next tokens, for a language
/// model. Steps whose class is negative do not count.
struct StepTargets: Sendable {
  /// The classes, step after step, example after example.
  let labels: [Int32]
  /// The steps of an example.
  let steps: Int
  /// How many classes there are.
  let classes: Int

  /// The next tokens: each step's class is the next step's element, and the last step has none.
  ///
  /// - Throws: `Diagnostic` of code `badData` where an element is no token of so many.
  init(tokens: [Float], steps: Int, classes: Int) throws {
    var labels = [Int32](repeating: -1, count: tokens.count)
    for (place, token) in tokens.enumerated() {
      guard let label = Int32(exactly: token), (0..<classes).contains(Int(label)) else {
        throw Diagnostic(
          .badData,
          "\(token) in example \(place / max(1, steps)) is no token of a network that knows "
            + "\(classes)", remedy: "give integers from 0, as the network's tokeniser made them")
      }
      if place % steps > 0 { labels[place - 1] = label }
    }
    (self.labels, self.steps, self.classes) = (labels, steps, classes)
  }

  /// Classes that the data give. Negative ones do not count.
  ///
  /// - Throws: `Diagnostic` of code `badData` where one is no whole number, or too large.
  init(numbers: [Float], steps: Int, classes: Int) throws {
    labels = try numbers.enumerated().map { place, number in
      guard let label = Int32(exactly: number), Int(label) < classes else {
        throw Diagnostic(
          .badData,
          "the label \(number) of example \(place / max(1, steps)) is not one of "
            + "\(classes) classes")
      }
      return max(-1, label)
    }
    (self.steps, self.classes) = (steps, classes)
  }

  /// Calls `body` with the outputs of each step that counts of an example, its place among the steps,
  /// its class, and its share of the example.
  func each(
    _ example: Int, _ outputs: UnsafePointer<Float>,
    _ body: (UnsafePointer<Float>, _ step: Int, _ label: Int, _ share: Double) -> Void
  ) {
    let own = labels[example * steps..<(example + 1) * steps]
    let count = own.count { $0 >= 0 }
    guard count > 0 else { return }
    for (step, label) in own.enumerated() where label >= 0 {
      body(outputs + step * classes, step, Int(label), 1 / Double(count))
    }
  }

  /// The cross-entropy of examples, the mean over the steps of each summed over examples, and the shares
  /// of steps whose largest output is the right one.
  ///
  /// - Parameters:
  ///   - outputs: a row of `classes` for every step.
  ///   - examples: which examples they are of.
  ///   - labelSmoothing: the share of the target that is spread evenly over all classes.
  ///   - gradient: where the gradient of the mean over examples goes.
  func evaluate(
    _ outputs: UnsafePointer<Float>, examples: some Collection<Int>, labelSmoothing: Double = 0,
    gradient: UnsafeMutablePointer<Float>? = nil
  ) -> LossSum {
    var total = LossSum()
    let size = steps * classes
    gradient?.update(repeating: 0, count: examples.count * size)
    var weights = [Double](repeating: 0, count: classes)
    for (row, example) in examples.enumerated() {
      each(example, outputs + row * size) { values, step, label, share in
        let change = gradient.map { $0 + row * size + step * classes }
        let (best, isNumber) = largest(values)
        if best == label && isNumber { total.correct += share }
        let top = Double(values[best])
        var (sum, mean) = (0.0, 0.0)
        for place in 0..<classes {
          weights[place] = exp(Double(values[place]) - top)
          sum += weights[place]
          if labelSmoothing > 0 { mean += Double(values[place]) / Double(classes) }
        }
        let wanted = (1 - labelSmoothing) * Double(values[label]) + labelSmoothing * mean
        total.loss += share * (isNumber ? top + log(sum) - wanted : .nan)
        guard let change else { return }
        let scale = share / Double(examples.count)
        let spread = labelSmoothing / Double(classes)
        for place in 0..<classes {
          let target = spread + (place == label ? 1 - labelSmoothing : 0)
          change[place] = Float((weights[place] / sum - target) * scale)
        }
      }
    }
    return total
  }

  private func largest(_ values: UnsafePointer<Float>) -> (place: Int, isNumber: Bool) {
    var best = 0
    var isNumber = !values[0].isNaN
    for place in 1..<max(1, classes) {
      if values[place] > values[best] { best = place }
      isNumber = isNumber && !values[place].isNaN
    }
    return (best, isNumber)
  }
}
