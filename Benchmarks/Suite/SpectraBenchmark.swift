import LinearAlgebra
import Spectra
import Support
import WeightFiles

/// Singular values of several matrices, side by side, and the spectra of a whole model.
enum SpectraBenchmark {
  /// The time of `count` square matrices of one side, in both precisions.
  static func run(side: Int, count: Int) throws -> [String: [String: Double]] {
    guard (1...20_000).contains(side), (1...1000).contains(count) else {
      throw Diagnostic(.usage, "a side up to 20000 and a count up to 1000 are needed")
    }
    let matrices = (0..<count).map { index in
      var generator = SeededGenerator(seed: UInt64(index))
      return Matrix<Float>(rows: side, columns: side) { _, _ in Float(generator.normal()) }
    }
    var figures: [String: [String: Double]] = [:]
    for precision in SingularValues.Precision.allCases {
      figures[precision.rawValue] = try Stopwatch.best(of: 1) {
        try Parallel.forEach(count: count) { index in
          _ = try SingularValues.of(matrices[index], precision: precision)
        }
      }.milliseconds
    }
    return figures
  }

  /// The time of a model's columns in WeightWatcher's terms, reading included, in both precisions.
  static func run(model path: String) async throws -> [String: [String: Double]] {
    var figures: [String: [String: Double]] = [:]
    for precision in SingularValues.Precision.allCases {
      let options = SpectrumOptions(precision: precision)
      figures[precision.rawValue] = try await Stopwatch.best(of: 1) {
        let file = try await WeightFile.open(path)
        _ = try SpectrumAnalysis.weightWatcherDetails(file, options: options)
      }.milliseconds
    }
    return figures
  }
}
