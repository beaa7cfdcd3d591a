import ArgumentParser
import Probes
import Support
import WeightFiles
import Workbench
import ZooIndex

/// `wsl probe search`: the models of an index that are nearest to a text, or to a model.
struct ProbeSearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Rank the models of an index by what a probe sees in them.",
    discussion: """
      By a text: the cosine between a model and the vector that a model of texts gave to a name, for \
      probes trained with --text-embeddings; the name need not be a class that the probe learned. By a \
      model: the cosine of what the probe sees in both. Examples:
        wsl probe search classes.h5 zoo.sqlite --text-vector zebra.npy
        wsl probe search classes.h5 zoo.sqlite --like model.safetensors --limit 5 --json
      """)

  @Argument(help: "The probe.", completion: .file())
  var probe: String

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(help: "A file with the vector of a text.", completion: .file())
  var textVector: String?

  @Option(help: "Which vector of that file, where it has several.")
  var name: String?

  @Option(help: "A weight file: look for models like it.", completion: .file())
  var like: String?

  @Option(help: "How many models are shown.")
  var limit = 10

  @Option(name: .customLong("where"), help: "Take the models for which this SQL expression holds.")
  var filter: String?

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func validate() throws {
    guard (textVector == nil) != (like == nil) else {
      throw ValidationError("Give one of --text-vector and --like.")
    }
    guard name == nil || textVector != nil else {
      throw ValidationError("--name says which vector of --text-vector.")
    }
    guard limit > 0 else { throw ValidationError("--limit takes a number from 1 up.") }
  }

  func run() async throws {
    let file = try await ProbeFile.read(probe)
    let search: ProbeSearch
    if let like {
      search = try ProbeSearch(file, like: try await WeightFile.open(like))
    } else {
      let vectors = try await TextEmbeddings.read(textVector ?? "")
      do {
        search = try ProbeSearch(file, text: try vectors.vector(named: name))
      } catch let error as Diagnostic where error.location.isEmpty {
        throw error.inside(error.code == .usage ? probe : textVector ?? "")
      }
    }
    let zoo = try ZooIndex.open(reading: index)
    var models = try ProbeModels(zoo, target: nil, where: filter)
    let progress = ProgressLine(quiet: shown.quiet)
    var options = ZooReading.Options()
    options.jobs = workers.jobs
    let found = try await search.hits(
      of: models.ids, in: zoo, options: options, progress: progress.handler)
    progress.finish()
    var reasons: [Int: String] = [:]
    for (place, hit) in found.enumerated() {
      if case .failure(let error) = hit { reasons[place] = error.description }
    }
    models.remove(reasons)
    let hits = found.compactMap { try? $0.get() }
    guard !hits.isEmpty else {
      let first = models.skipped.first.map { ": \($0.file): \($0.reason)" } ?? ""
      throw Diagnostic(
        .badData, "no model is left to look among\(first)", at: [index],
        remedy: "take models of the architecture that the probe was trained on")
    }
    let result = ProbeSearchResult(
      self, file: file, space: search.space, models: models, hits: hits)
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
  }
}
