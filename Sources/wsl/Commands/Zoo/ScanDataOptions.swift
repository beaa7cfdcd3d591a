import ArgumentParser
import Datasets
import Foundation
import Networks
import Signatures
import Support
import Workbench
import ZooIndex

/// What metrics that are measured on data are given.
struct ScanDataOptions: ParsableArguments {
  @Option(
    help: """
      The data of metrics that are measured on some. Losses, second derivatives and paths are of the \
      training examples, accuracies and similarities of the test examples.
      """)
  var data: String?

  @Option(help: "With --data: use only so many examples of each split, the first ones.")
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      """
      For the metric transfer: other data, whose training and test examples a linear probe on the last \
      hidden layer is fitted to and tested on; or a corruption of --data (default: rotate:5).
      """, valueName: "data"))
  var transfer: String?

  private static let usualTransfer = "rotate:5"

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions
  @OptionGroup(title: "Bézier curves") var curve: BezierOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
    if transfer != nil, data == nil { throw ValidationError("--transfer goes with --data.") }
    try normalizing.check(data: data)
  }

  /// The metrics of some names, those that need data with them.
  ///
  /// - Parameter cells: which models belong together; asked for where a metric compares models.
  /// - Throws: `Diagnostic` of code `usage` where a name is unknown, or the data are missing.
  func metrics(_ names: [String], cells: () throws -> ZooCells) async throws -> [any Metric] {
    guard let reference = try normalizing.reference(data) else { return try Metrics.named(names) }
    guard names.contains(where: { Metrics.needingData.contains($0) }) else {
      return try Metrics.named(names)
    }
    let examples = try await load(reference, name: data ?? "")
    let others = names.contains("transfer") ? try await transferred(from: examples) : examples
    var known: ZooCells?
    func grid() throws -> ZooCells {
      let found = try known ?? cells()
      known = found
      return found
    }
    return try names.flatMap { name -> [any Metric] in
      switch name {
      case "hessian": [HessianMetric(examples)]
      case "connectivity":
        [ConnectivityMetric(try grid(), examples: examples, curve: curve.training(seed: 0))]
      case "similarity": [SimilarityMetric(try grid(), examples: examples)]
      case "averaging": [AveragingMetric(try grid(), examples: examples)]
      case "pruning": [PruningMetric(examples)]
      case "transfer": [TransferMetric(others)]
      default: try Metrics.named([name])
      }
    }
  }

  private func load(
    _ reference: DataReference, name: String
  ) async throws -> HessianMetric.Examples {
    func load(_ split: DataSource.Split) async throws -> Dataset {
      let examples = try await reference.load(split: split)
      return limit.map { examples.prefix($0) } ?? examples
    }
    return HessianMetric.Examples(
      name: [name, normalizing.normalize, normalizing.loss?.word].compactMap { $0 }
        .joined(separator: " "),
      training: try await load(.train), test: try await load(.test))
  }

  /// The data of the metric `transfer`.
  private func transferred(
    from examples: HessianMetric.Examples
  ) async throws -> HessianMetric.Examples {
    let transfer = transfer ?? Self.usualTransfer
    let word = transfer.split(separator: ":").first.map(String.init) ?? ""
    guard Corruption.Kind(name: word) != nil else {
      return try await load(try normalizing.reference(transfer), name: transfer)
    }
    let named = try SignatureManifest.Corruption(parsing: transfer)
    let corruption = Corruption(
      try CorruptionOptions.kind(named.type), severity: named.severity ?? 3, scale: .mnist)
    // Examples of both parts draw from generators of their own.
    return HessianMetric.Examples(
      name: "\(examples.name) \(transfer)",
      training: try corruption.applied(to: examples.training, seed: 0, jobs: nil),
      test: try corruption.applied(to: examples.test, seed: 1, jobs: nil))
  }

  /// The words that say the same to another command, for metrics of some names.
  ///
  /// - Throws: `Diagnostic` of code `usage` where a name is unknown, or the data are missing.
  func words(_ names: [String]) throws -> [String] {
    guard let data else {
      _ = try Metrics.named(names)
      return []
    }
    _ = try Metrics.named(names.filter { !Metrics.needingData.contains($0) })
    // A path is one that all nodes see; a name of data that come with the tool is no path.
    let isFile = FileManager.default.fileExists(atPath: data)
    var words = ["--data", isFile ? URL(fileURLWithPath: data).path : data]
    if let limit { words += ["--limit", String(limit)] }
    if let normalize = normalizing.normalize { words += ["--normalize", normalize] }
    if let loss = normalizing.loss { words += ["--loss", loss.word] }
    if names.contains("transfer"), let transfer {
      let isFile = FileManager.default.fileExists(atPath: transfer)
      words += ["--transfer", isFile ? URL(fileURLWithPath: transfer).path : transfer]
    }
    if names.contains("connectivity") {
      words += [
        "--curve-epochs", String(curve.curveEpochs), "--curve-rate", String(curve.curveRate),
        "--curve-batch", String(curve.curveBatch),
      ]
    }
    return words
  }
}

/// Which columns of an index are the grid, where metrics compare the models of its cells.
struct CellOptions: ParsableArguments {
  @Option(
    help: """
      For metrics that compare the models of a cell: the column of the load (default: the one called \
      width, or the like).
      """)
  var load: String?

  @Option(
    help: """
      For metrics that compare the models of a cell: the column of the temperature (default: the one \
      called batch_size, or the like).
      """)
  var temperature: String?

  /// The words that say the same to another command.
  var words: [String] {
    (load.map { ["--load", $0] } ?? []) + (temperature.map { ["--temperature", $0] } ?? [])
  }
}
