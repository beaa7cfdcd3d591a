import ArgumentParser
import Foundation
import Probes
import Support
import WeightFiles
import Workbench
import ZooIndex

/// `wsl probe predict`: what a probe says of models.
struct ProbePredictCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Tell what a probe says of weight files, or of the models of an index.",
    discussion: """
      A model far from all that the probe was trained on is called unknown; what the probe says of it \
      is then a guess. Examples:
        wsl probe predict classes.h5 model.safetensors
        wsl probe predict classes.h5 zoo.sqlite --where "classes IS NULL" --json
      """)

  @Argument(help: "The probe.", completion: .file())
  var probe: String

  @Argument(help: "Weight files, or an index.", completion: .file())
  var inputs: [String]

  @Option(name: .customLong("where"), help: "Of an index: the models for which this SQL holds.")
  var filter: String?

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: SeveralOptions

  func run() async throws {
    _ = try memory.limit()
    let file = try await ProbeFile.read(probe)
    let reading = try ProbeReading.of(file, at: probe)
    var rows: [ProbePrediction] = []
    for input in inputs {
      if IndexDetection.isIndex(input) {
        rows += try await predictAll(input, file, reading)
        continue
      }
      do {
        let model = try await WeightFile.open(input)
        rows.append(ProbePrediction(input, try reading.outcome(of: model), file.manifest))
      } catch let error as Diagnostic where inputs.count > 1 {
        rows.append(ProbePrediction(input, error, file.manifest))
      }
    }
    if shown.jsonLines {
      for row in rows { try ResultPrinter.printJSON(row) }
    } else {
      try ResultPrinter.show(rows, as: shown.table, ProbePrediction.text(rows))
    }
    if rows.contains(where: { $0.error != nil }) { throw ExitCode(3) }
  }

  private func predictAll(
    _ path: String, _ file: ProbeFile, _ reading: ProbeReading
  ) async throws -> [ProbePrediction] {
    let zoo = try ZooIndex.open(reading: path)
    let models = try ProbeModels(zoo, target: nil, where: filter)
    let progress = ProgressLine(quiet: shown.quiet)
    var options = ZooReading.Options()
    options.jobs = workers.jobs
    let outcomes = try await reading.outcomes(
      of: models.ids, in: zoo, options: options, progress: progress.handler)
    progress.finish()
    return zip(models.files, outcomes).map { name, outcome in
      switch outcome {
      case .success(let outcome): ProbePrediction(name, outcome, file.manifest)
      case .failure(let error): ProbePrediction(name, error, file.manifest)
      }
    }
  }
}

extension ProbeReading {
  /// Prepares to apply the probe of a file, which errors name.
  static func of(_ file: ProbeFile, at path: String) throws -> ProbeReading {
    do { return try ProbeReading(file) } catch let error as Diagnostic { throw error.inside(path) }
  }
}

/// Whether a file is an index: by its first bytes, as its name is the user's.
enum IndexDetection {
  static func isIndex(_ path: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? handle.close() }
    return (try? handle.read(upToCount: 16)) == Data("SQLite format 3\0".utf8)
  }
}
