import Foundation
import LinearAlgebra
import Support

/// Our side of the benchmarks. `Benchmarks/compare.py` runs it and the peers in turns:
///
///     wsl-bench assignment FOLDER     the Gram matrices of one matching, solved in their order
///     wsl-bench families FOLDER       random assignments, each by itself
///     wsl-bench matching A B [SEEDS [frank-wolfe]]  matching, one run a seed, one thread
///     wsl-bench several METHOD FILES  mean or universe matching of several networks, one thread
///     wsl-bench files FOLDER          writes the files of `reading`
///     wsl-bench reading FOLDER        64 MiB in three layouts, and a catalogue of 500 data sets
///     wsl-bench writing FOLDER        64 MiB in three formats, from the files of `files`
///     wsl-bench spectra SIDE COUNT    singular values of square matrices, all processors
///     wsl-bench spectra MODEL         the spectra of a model, all processors
///     wsl-bench training [THREADS]    training steps of three networks, batch 128
///     wsl-bench hessian               gradients and products of second derivatives of the same
///     wsl-bench similarity            CKA of the logits of 50 networks, all processors
///     wsl-bench probes MODELS SIDE    an epoch of ProbeX and kernel ridge on square matrices
///
/// Every run prints one JSON document of named figures.
@main
enum Main {
  static func main() async {
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      var figures: [String: [String: Double]] = [:]
      switch (arguments.first, arguments.count) {
      case ("several", 4...):
        figures = try await MatchingBenchmark.several(
          Array(arguments[2...]), method: arguments[1])
      case ("assignment", 2): figures = try AssignmentBenchmark.run(folder: arguments[1])
      case ("families", 2): figures = try AssignmentBenchmark.families(folder: arguments[1])
      case ("matching", 3...5):
        figures = try await MatchingBenchmark.run(
          arguments[1], arguments[2],
          seedCount: arguments.count > 3 ? Int(arguments[3]) ?? 5 : 5,
          method: arguments.count > 4 ? arguments[4] : "weights")
      case ("files", 2): try ReadingBenchmark.makeFiles(in: arguments[1])
      case ("reading", 2): figures = try await ReadingBenchmark.run(folder: arguments[1])
      case ("writing", 2): figures = try await WritingBenchmark.run(folder: arguments[1])
      case ("spectra", 2): figures = try await SpectraBenchmark.run(model: arguments[1])
      case ("spectra", 3):
        figures = try SpectraBenchmark.run(
          side: Int(arguments[1]) ?? 0, count: Int(arguments[2]) ?? 0)
      case ("training", 1...2):
        figures = try TrainingBenchmark.run(
          threads: arguments.count == 2 ? Int(arguments[1]) ?? 1 : 1)
      case ("probes", 3):
        figures = try ProbeBenchmark.run(
          models: Int(arguments[1]) ?? 0, side: Int(arguments[2]) ?? 0)
      case ("hessian", 1): figures = try HessianBenchmark.run()
      case ("similarity", 1): figures = try SimilarityBenchmark.run()
      default:
        throw Diagnostic(
          .usage, "there is no such benchmark",
          remedy:
            """
            give assignment, families, matching, several, files, reading, writing, spectra, training, \
            hessian, similarity or probes, and its arguments
            """
        )
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(figures), as: UTF8.self))
    } catch {
      FileHandle.standardError.write(Data("wsl-bench: \(error)\n".utf8))
      exit((error as? Diagnostic)?.code.exitCode ?? 1)
    }
  }
}
