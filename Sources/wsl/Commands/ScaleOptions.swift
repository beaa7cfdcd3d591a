import ArgumentParser
import Connectivity

/// How the scales of units are searched.
struct ScaleOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Also choose the free scales of B's units, so that the line to A is lowest.",
      discussion: """
        A ReLU unit may give more if what reads it takes less, and batch normalisation reads \
        channels of any size: B computes the same, and its averages with A are others. The factors \
        are found by gradient descent on the training loss along the line.
        """))
  var scaleUnits = false

  @Option(help: "How often the search of scales sees all training examples; parts count.")
  var scaleEpochs = 2.0

  func validate() throws {
    if !(scaleEpochs > 0 && scaleEpochs <= 1000) {
      throw ValidationError("--scale-epochs takes a number above 0.")
    }
  }

  /// The search with these options.
  func search(seed: UInt64) -> ScaleSearch { ScaleSearch(epochs: scaleEpochs, seed: seed) }
}
