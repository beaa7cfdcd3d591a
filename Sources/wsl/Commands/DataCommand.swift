import ArgumentParser
import Catalogs
import Datasets
import Foundation
import Networks
import Reports
import Support
import Tensors
import WeightFiles

/// `wsl data`: data sets and what can be done to them.
struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Corrupt data sets, and list the corruptions.",
    subcommands: [DataCorruptCommand.self, DataListCommand.self])
}

/// `wsl data corrupt`: a data set with one corruption.
struct DataCorruptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corrupt",
    abstract: "Corrupt the images of a data set.",
    discussion: """
      The output is an HDF5 file of 8-bit images that every command takes as --data. What becomes of \
      an image depends on the seed and its place only. Examples:
        wsl data corrupt mnist.h5 --type fog --severity 3 -o mnist-fog3.h5
        wsl data corrupt digits --type gaussian-noise --strength 0.45 --seed 1 \\
          -o noisy.h5
        wsl data corrupt fashion-mnist/ --type zigzag --scale mnist --split test \\
          -o zigzag.h5
      """)

  @Argument(
    help: "The data: digits, a file (HDF5, .npz, .csv) or a folder (images, CIFAR, IDX).",
    completion: .file())
  var data: String

  @Option(help: "What is done: fog, gaussian-noise, … (`wsl data list`).")
  var type: String

  @Option(help: "How strongly, from 1 to 5. (default: 3)")
  var severity: Int?

  @Option(help: "The first constant of the kind instead, in its own unit.")
  var strength: Double?

  @OptionGroup(title: "Corruptions") var corrupting: CorruptionOptions

  @Option(help: "Which part of the data: train, test or both.")
  var split: EvaluationOptions.SplitChoice = .both

  @Option(help: "Use only so many examples of each part, the first ones.")
  var limit: Int?

  @Option(name: [.short, .long], help: "Write the data to this HDF5 file.", completion: .file())
  var output: String

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
    if let severity, !(1...5).contains(severity) {
      throw ValidationError("--severity takes a number from 1 to 5.")
    }
    if severity != nil && strength != nil {
      throw ValidationError("--severity and --strength exclude each other.")
    }
  }

  func run() async throws {
    let kind = try CorruptionOptions.kind(type)
    if !kind.hasSeverity, severity != nil {
      throw Diagnostic(.usage, "\(kind.rawValue) has no severity", remedy: "leave --severity out")
    }
    if let strength, kind.strengths?.contains(strength) != true {
      let remedy: Wording? = kind.strengths.map {
        "give a number from \($0.lowerBound) to \($0.upperBound)"
      }
      throw Diagnostic(
        .usage, "\(kind.rawValue) takes no strength of \(strength)",
        remedy: remedy ?? "give --severity")
    }
    let corruption = Corruption(
      kind, severity: severity ?? (kind.hasSeverity ? 3 : 5), scale: corrupting.scale,
      strength: strength)
    try OutputPath.check(output, inputs: [data], overwrites: force)
    var document = HDF5Document()
    var parts: [DataCorruptResult.Part] = []
    for split in split.splits.reversed() {
      var clean = try await DataSource.load(data, split: split)
      do { try clean.requireClasses() } catch let error as Diagnostic { throw error.inside(data) }
      if let limit { clean = clean.prefix(limit) }
      let corrupted: Dataset
      do {
        corrupted = try corruption.applied(to: clean, seed: corrupting.seed, jobs: workers.jobs)
      } catch let error as Diagnostic {
        throw error.inside(data)
      }
      document.add(corrupted, split: split)
      parts.append(DataCorruptResult.Part(split, clean: clean, corrupted: corrupted))
    }
    document.attributes[""] = corruption.attributes.merging([
      "source": .string((data as NSString).lastPathComponent),
      "seed": .numbers([Double(corrupting.seed)]), "producer": .string("wsl"),
    ]) { $1 }
    try document.write(
      to: output, compression: .gzip(level: 4), overwrites: force, jobs: workers.jobs)
    let result = DataCorruptResult(
      data: data, output: output, corruption: corruption, seed: corrupting.seed, splits: parts)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text)
    }
  }
}

/// `wsl data list`: the corruptions.
struct DataListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the corruptions and their strengths.")

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func run() throws {
    let result = CorruptionListResult()
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text)
    }
  }
}

extension HDF5Document {
  /// Adds a split as images of 8 bits and labels.
  fileprivate mutating func add(_ data: Networks.Dataset, split: DataSource.Split) {
    datasets.append(
      Dataset(
        name: "\(split.rawValue)/images", shape: [data.count] + data.exampleShape,
        elementType: .uint8, bytes: data.examples.map { UInt8(($0 * 255).rounded()) }))
    let isSmall = data.classCount <= 256
    datasets.append(
      Dataset(
        name: "\(split.rawValue)/labels", shape: [data.count],
        elementType: isSmall ? .uint8 : .int32,
        bytes: data.labels.flatMap { label -> [UInt8] in
          isSmall
            ? [UInt8(label)] : (0..<4).map { UInt8(truncatingIfNeeded: label >> (8 * $0)) }
        }))
  }
}

extension Corruption {
  /// The corruption as attributes of a file.
  var attributes: [String: Catalog.Attribute] {
    var attributes: [String: Catalog.Attribute] = [
      "corruption": .string(kind.rawValue), "corruption_severity": .numbers([Double(severity)]),
      "corruption_scale": .string(scale.rawValue),
    ]
    if let strength { attributes["corruption_strength"] = .numbers([strength]) }
    return attributes
  }
}
