/// What changes from run to run of a program without being memory.
final class RunState {
  /// The seed of the random choices of this run.
  var seed: UInt64 = 0
}
