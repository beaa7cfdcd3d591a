/// A change of examples that is drawn anew for every epoch of a training run: a corruption of images.
public protocol ExampleTransform: Sendable {
  /// The examples, changed.
  ///
  /// - Parameters:
  ///   - seed: decides every random choice; the result is the same for any number of jobs.
  ///   - jobs: how many threads work; nil means one a processor.
  /// - Throws: `Diagnostic` where the examples are none that can be changed so.
  func applied(to examples: Dataset, seed: UInt64, jobs: Int?) throws -> Dataset
}
