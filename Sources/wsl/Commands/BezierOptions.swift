import ArgumentParser
import Connectivity

/// How a Bézier curve is trained.
struct BezierOptions: ParsableArguments {
  @Option(help: "How many epochs a Bézier curve is trained for.")
  var curveEpochs = 5

  @Option(help: "The learning rate of a Bézier curve.")
  var curveRate = 0.03

  @Option(help: "The number of examples of a step of a Bézier curve.")
  var curveBatch = 128

  func validate() throws {
    if curveEpochs < 1 { throw ValidationError("--curve-epochs takes a number from 1 up.") }
    if curveBatch < 1 { throw ValidationError("--curve-batch takes a number from 1 up.") }
    if !(curveRate > 0 && curveRate.isFinite) {
      throw ValidationError("--curve-rate takes a number above 0.")
    }
  }

  /// The training with these options.
  func training(seed: UInt64) -> BezierTraining {
    BezierTraining(
      epochs: curveEpochs, batchSize: curveBatch, learningRate: curveRate, seed: seed)
  }
}
