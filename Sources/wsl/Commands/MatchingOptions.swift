import ArgumentParser
import Matching
import ModelGraph
import WorkbenchCore

/// How two networks are matched.
struct MatchingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A YAML file that describes the network, where the file does not.", valueName: "file"),
    completion: .file())
  var graph: String?

  @Option(help: "How many starts, of which the best is kept.")
  var restarts = 1

  @Option(help: "The seed of every random choice.")
  var seed: UInt64 = 0

  func validate() throws {
    if restarts < 1 { throw ValidationError("--restarts takes a number from 1 up.") }
  }

  /// Lines B's weights up with A's.
  func match(_ pair: LoadedPair, jobs: Int?, progress: ProgressHandler?) throws
    -> WeightMatching.Result
  {
    do {
      return try WeightMatching.match(
        pair.weightsA, pair.weightsB, groups: pair.pair.groupsA,
        options: WeightMatching.Options(seed: seed, restarts: restarts, jobs: jobs),
        progress: progress)
    } catch let error as Diagnostic {
      // Matching knows neither files nor B's names; the user knows nothing else.
      throw pair.brokenElement ?? error
    }
  }
}
