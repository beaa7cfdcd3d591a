import ArgumentParser
import Curvature
import ModelGraph
import Networks
import Tensors
import Workbench
import WeightFiles
import Support

/// `wsl landscape`: the loss on a line or a plane through a network.
struct LandscapeCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "landscape",
    abstract: "Measure the loss on a line or a plane through a network.",
    discussion: """
      Along random directions, filter by filter of the length of the network's own; on the plane \
      through three networks (--through); or on the plane in which the checkpoints of a run differ \
      most from the network (--trajectory). Examples:
        wsl landscape model.h5 --data digits --plot section.svg
        wsl landscape model.h5 --data digits --directions 1 --points 51 --json
        wsl landscape a.h5 --through b.h5 c.h5 --data digits --plot plane.svg
        wsl landscape last.h5 --trajectory e1.h5 e2.h5 e5.h5 --data digits
      """)

  @Argument(help: "The network.", completion: .file())
  var model: String

  @OptionGroup(title: "The data") var examples: ExampleOptions

  @Option(help: "A line (1) or a plane (2) of random directions.")
  var directions = 2

  @Option(
    name: .long, parsing: .upToNextOption,
    help: "The plane through the network and these two.", completion: .file())
  var through: [String] = []

  @Option(
    name: .long, parsing: .upToNextOption,
    help: "Two or more checkpoints of the network's run, in their order.", completion: .file())
  var trajectory: [String] = []

  @Option(help: "How many places of an axis are measured (default: 51 on a line, 21 on a plane).")
  var points: Int?

  @Option(help: "How far random directions go, in lengths of the filters.")
  var range = 1.0

  @Option(help: "The seed of random directions.")
  var seed: UInt64 = 0

  @Option(
    help: "Draw the section: an SVG picture, and its numbers as CSV and Vega-Lite.",
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace files that are there.")
  var force = false

  @OptionGroup(title: "The network") var stated: GraphOptions
  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  var interruption: Interruption.Outcome { plot == nil ? .nothing : .someFiles }

  mutating func validate() throws {
    model = part.path(model)
    through = through.map(part.path)
    trajectory = trajectory.map(part.path)
    if !(1...2).contains(directions) { throw ValidationError("--directions takes 1 or 2.") }
    if !through.isEmpty, through.count != 2 {
      throw ValidationError("--through takes two networks: a plane has three points.")
    }
    if !trajectory.isEmpty, trajectory.count < 2 {
      throw ValidationError("--trajectory takes two checkpoints or more.")
    }
    if !through.isEmpty, !trajectory.isEmpty {
      throw ValidationError("Give --through or --trajectory, not both.")
    }
    if directions == 1, !through.isEmpty || !trajectory.isEmpty {
      throw ValidationError(
        "--directions 1 is a random line; --through and --trajectory are planes.")
    }
    if let points, !(2...1001).contains(points) {
      throw ValidationError("--points takes a number from 2 to 1001.")
    }
    if !(range > 0 && range.isFinite) { throw ValidationError("--range takes a number above 0.") }
    if examples.split == .both {
      throw ValidationError("A section is of one split: train or test.")
    }
  }

  /// All networks in the order of the section: the given one first, but last in a run.
  private var files: [String] {
    trajectory.isEmpty ? [model] + through : trajectory + [model]
  }

  func run() async throws {
    if let plot {
      try FigureFiles.check(plot, inputs: files + [examples.data], overwrites: force)
    }
    let loaded = try await LoadedModel.load(
      model, statement: stated.statement, jobs: workers.jobs)
    var networks: [Weights] = []
    for file in files {
      let other = try await LoadedModel.load(
        file, statement: stated.statement, jobs: workers.jobs)
      guard other.weights.mapValues(\.shape) == loaded.weights.mapValues(\.shape) else {
        throw Diagnostic(
          .badData, "the network does not have the tensors of \(model)", at: [file],
          remedy: "give networks of one architecture")
      }
      if let broken = other.brokenElement {
        throw Diagnostic(
          .badData, broken.warning, remedy: "give networks whose weights are numbers")
      }
      networks.append(other.weights)
    }
    let data = try await examples.load(examples.split.splits[0], for: loaded)
    let line = ProgressLine(quiet: shown.quiet)
    defer { line.finish() }
    let section: LandscapeSection
    do {
      section = try await measure(loaded, networks, data, line)
    } catch let error as Diagnostic { throw error.inside(model) }
    line.finish()
    var result = LandscapeResult(
      section, files: files, kind: kind, data: examples.data, split: examples.split.rawValue,
      examples: data.count, seed: seed)
    result.normalization = try examples.normalizing.record()
    result.warnings = loaded.graph.assumptions.map { "\(model): \($0.warning)" }
    result.warnings += examples.warnings(about: loaded, on: data, jobs: workers.jobs)
    if let plot { try LandscapeFigure.write(result, to: plot, overwrites: force) }
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
  }

  private var kind: String {
    through.isEmpty ? trajectory.isEmpty ? "random" : "trajectory" : "plane"
  }

  private func measure(
    _ loaded: LoadedModel, _ networks: [Weights], _ data: Dataset, _ line: ProgressLine
  ) async throws -> LandscapeSection {
    let count = points ?? (directions == 1 ? 51 : 21)
    if !through.isEmpty {
      return try LandscapeSection.plane(
        loaded.graph, through: networks, points: count, on: data, jobs: workers.jobs,
        progress: line.handler)
    }
    if !trajectory.isEmpty {
      return try LandscapeSection.trajectory(
        loaded.graph, of: networks, points: count, on: data, jobs: workers.jobs,
        progress: line.handler)
    }
    return try LandscapeSection.random(
      loaded.graph, loaded.weights, directions: directions, range: range, points: count, on: data,
      seed: seed, jobs: workers.jobs, progress: line.handler)
  }
}
