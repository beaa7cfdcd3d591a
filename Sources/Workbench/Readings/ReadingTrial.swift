import Foundation
import LinearAlgebra
import ModelGraph
import Networks
import Tensors

/// Tells the readings of files of weights alone apart by what the networks do on data.
///
/// A trained network does its task under the reading that it was trained in, and badly under the
/// others. Each reading runs the same examples; a paired test over batches says whether the best is
/// better than every other by more than chance.
struct ReadingTrial {
  /// What one reading does.
  struct Finding {
    var variation: RowVariation
    var activation: Activation
    /// The mean loss of every batch, in nats.
    var losses: [Double]
    var accuracy: Double

    var loss: Double { losses.mean ?? 0 }
  }

  /// The reading that data single out, and the best of the others.
  struct Verdict {
    var best: Finding
    var next: Finding
    var exampleCount: Int
  }

  /// The most examples that are run.
  private static let mostExamples = 1500
  private static let batchSize = 50
  /// How far above chance a network must be, as a share of what is between chance and all right. A
  /// reading that is none of those tried, a gate, does half of the task under one that comes near.
  private static let leastSkill = 0.6
  private static let leastSkillOfRow = 0.4
  /// How far above chance ReLU must be so that no other activation is tried.
  private static let plainSkill = 0.85
  /// By how many standard errors the best must be ahead of every other. Training makes the loss of the
  /// right reading small and of no other; names and shapes speak for the row already.
  private static let leastLead = 4.0
  private static let leastLeadOfRow = 2.0
  /// The activations that are tried where the file states none.
  private static let activations: [Activation] = [
    .relu, .gelu(approximate: false), .tanh, .silu, .leakyRelu(slope: 0.01), .elu(alpha: 1),
    .sigmoid, .selu,
  ]

  let readings: RowReadings
  let statement: GraphStatement
  /// The networks' weights, under the names of the readings' file.
  let weights: [Weights]
  let examples: Dataset
  let jobs: Int?

  init(
    _ readings: RowReadings, statement: GraphStatement, weights: [Weights], data: Dataset,
    jobs: Int?
  ) {
    self.readings = readings
    self.statement = statement
    self.weights = weights
    examples = data.sample(ReadingTrial.mostExamples, seed: 0)
    self.jobs = jobs
  }

  /// The reading that the data single out; nil where none does.
  ///
  /// - Throws: `Diagnostic` where the data do not fit the network.
  /// - Complexity: O(readings + activations) runs of the networks.
  func verdict() throws -> Verdict? {
    guard readings.isRunnable, !readings.variations.isEmpty else { return nil }
    let isStated = readings.statesActivation || statement.activation != nil
    let first = statement.activation ?? .relu
    var findings = try readings.variations.map { try run($0, first) }
    let verdict = verdict(of: findings)
    if isStated
      || (verdict.map { $0.best.accuracy >= accuracy(skill: ReadingTrial.plainSkill) } ?? false)
    {
      return verdict
    }
    // ReLU does not do the task well under any reading: which activation does?
    var promising = findings.sorted { $0.loss < $1.loss }.prefix(3).map(\.variation)
    if !promising.contains(.row) { promising.append(.row) }
    for variation in promising {
      for activation in ReadingTrial.activations.dropFirst() {
        findings.append(try run(variation, activation))
      }
    }
    let likely = findings.filter(\.loss.isFinite).min { $0.loss < $1.loss }?.activation ?? first
    if likely != first {
      for variation in readings.variations where !promising.contains(variation) {
        findings.append(try run(variation, likely))
      }
    }
    return self.verdict(of: findings)
  }

  private func verdict(of findings: [Finding]) -> Verdict? {
    let sound = findings.filter(\.loss.isFinite)
    guard let best = sound.min(by: { $0.loss < $1.loss }),
      best.accuracy
        >= accuracy(
          skill: best.variation.isRow ? ReadingTrial.leastSkillOfRow : ReadingTrial.leastSkill)
    else { return nil }
    // Adding before or after an activation asks for the same symmetries. Another activation is no
    // rival: which one it is does not matter to them.
    let others = sound.filter {
      $0.activation == best.activation
        && ($0.variation.shortcuts != best.variation.shortcuts
          || $0.variation.repeated != best.variation.repeated)
    }
    // A smaller loss with fewer right answers is no sign of the right reading.
    guard others.allSatisfy({ isAhead(best, of: $0) && $0.accuracy <= best.accuracy }),
      let next = others.min(by: { $0.loss < $1.loss })
    else { return nil }
    return Verdict(best: best, next: next, exampleCount: examples.count)
  }

  /// An accuracy so far above chance, as a share of what is between chance and all right.
  private func accuracy(skill: Double) -> Double {
    var counts = [Int](repeating: 0, count: max(1, examples.classCount))
    for label in examples.labels { counts[Int(label)] += 1 }
    let chance = Double(counts.max() ?? 0) / Double(max(1, examples.count))
    return chance + skill * (1 - chance)
  }

  private func run(_ variation: RowVariation, _ activation: Activation) throws -> Finding {
    let stated =
      readings.statesActivation ? statement : statement.adding(.activation(activation))
    let graph = try readings.graph(variation, statement: stated)
    let evaluator = try Evaluator(
      graph: graph, dataset: examples, batchSize: ReadingTrial.batchSize, jobs: jobs)
    var losses: [Double] = []
    var right = 0.0
    for weights in weights {
      for batch in try evaluator.evaluateBatches(weights) {
        losses.append(batch.loss)
        right += batch.accuracy * Double(batch.count)
      }
    }
    return Finding(
      variation: variation, activation: activation, losses: losses,
      accuracy: right / Double(max(1, examples.count * weights.count)))
  }

  /// Two paired tests over batches, of which one has to say so: Student's t of the differences, and
  /// the sign test, which a few batches of very large losses do not blunt.
  private func isAhead(_ best: Finding, of other: Finding) -> Bool {
    let differences = zip(other.losses, best.losses).map { $0 - $1 }
    let count = Double(differences.count)
    guard count > 1 else { return false }
    let mean = differences.reduce(0, +) / count
    let spread = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let wins = Double(differences.count { $0 > 0 })
    let lead = max(
      mean / max((spread / count).squareRoot(), .leastNormalMagnitude),
      (wins - count / 2) / (count / 4).squareRoot())
    return mean > 0
      && lead
        >= (best.variation.isRow ? ReadingTrial.leastLeadOfRow : ReadingTrial.leastLead)
  }
}
