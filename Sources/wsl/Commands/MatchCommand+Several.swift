import Catalogs
import Foundation
import Matching
import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles
import Workbench

extension MatchCommand {
  /// Lines several networks up with A, with their mean or through a universe, in A's arrangement.
  func runSeveral() async throws {
    let targets = try await outputPaths()
    let progress = ProgressLine(quiet: shown.quiet)
    let clock = ContinuousClock()
    let begin = clock.now
    var result =
      if let common = reference.common {
        try await matchTogether(common, targets, progress)
      } else {
        try await matchToFirst(targets, progress)
      }
    result.seconds = (clock.now - begin) / .seconds(1)
    progress.finish()
    shown.warn(result.warnings)
    if try ResultPrinter.show(result, as: shown, result.text) {
      if let output { Terminal.print("written to \(output.escapingControlCharacters)") }
    }
  }

  /// Each network by itself: as many at once as there are jobs, so that memory does not grow with
  /// their number.
  private func matchToFirst(
    _ targets: [String]?, _ progress: ProgressLine
  ) async throws -> SeveralMatchResult {
    let examples = try await matching.examples(
      from: try normalizing.reference(data), limit: limit)
    let telling = try await matching.tellingExamples(from: try normalizing.reference(data))
    let width = max(1, min(others.count, workers.jobs ?? Parallel.processorCount))
    var models: [MatchResult] = []
    for first in stride(from: 0, to: others.count, by: width) {
      let chosen = Array(first..<min(others.count, first + width))
      var pairs: [LoadedPair] = []
      for index in chosen {
        pairs.append(try await loadPair(with: others[index], telling, beside: pairs))
      }
      if matching.method == .straightThrough { for pair in pairs { try pair.requireWhole() } }
      let loaded = pairs
      let jobs = chosen.count > 1 ? 1 : workers.jobs
      let parts = try Parallel.map(count: chosen.count, jobs: workers.jobs) { index in
        let found = try matching.match(
          loaded[index], examples: examples, jobs: jobs, progress: nil)
        return (
          found,
          try MatchResult(
            loaded[index], found: found, method: matching.method.rawValue, seed: matching.seed,
            jobs: jobs)
        )
      }
      for (index, part) in zip(chosen, parts) {
        models.append(part.1)
        if let targets {
          try await write(loaded[index - first], part.0, to: targets[index])
        }
      }
      progress.handler(
        ProgressUpdate("matching", completed: models.count, total: others.count))
    }
    var result = SeveralMatchResult(
      reference: a, models: models, spread: nil, rounds: nil, seed: matching.seed)
    result.normalization = try normalizing.record()
    if examples != nil {
      let first = try await LoadedModel.load(
        a, statement: matching.statement, jobs: workers.jobs, maxMemory: try memory.limit())
      result.warnings += normalizing.warnings(
        about: a, first.graph, first.weights, on: examples, jobs: workers.jobs)
    }
    return result
  }

  private func matchTogether(
    _ common: Matcher.CommonReference, _ targets: [String]?, _ progress: ProgressLine
  ) async throws -> SeveralMatchResult {
    var pairs: [LoadedPair] = []
    let telling = try await matching.tellingExamples(from: try normalizing.reference(data))
    for other in others {
      pairs.append(try await loadPair(with: other, telling, beside: pairs))
    }
    let groups = pairs[0].pair.groupsA
    // Together they are lined up only in what all of them have.
    if let other = pairs.first(where: { $0.pair.groupsA != groups }) {
      for pair in pairs { try pair.requireWhole() }
      throw Diagnostic(
        .badData, "other units of it can be lined up with A's than of the rest",
        at: [other.fileB.catalog.file], remedy: "line each up with A: --reference A")
    }
    let found: MergeMany.Result
    do {
      found = try Matcher(matching.options(jobs: workers.jobs)).match(
        [pairs[0].weightsA] + pairs.map(\.weightsB), reference: common, graph: pairs[0].graph,
        groups: groups, progress: progress.handler)
    } catch let error as Diagnostic {
      throw pairs.lazy.compactMap(\.brokenElement).first ?? error
    }
    var models: [MatchResult] = []
    for (index, pair) in pairs.enumerated() {
      let permutations = found.permutations[index + 1]
      let single = WeightMatching.Result(
        pair, permutations: permutations, sweeps: found.rounds)
      models.append(
        try MatchResult(
          pair, found: single, method: matching.method.rawValue, seed: matching.seed,
          jobs: workers.jobs))
      if let targets { try await write(pair, single, to: targets[index]) }
    }
    return SeveralMatchResult(
      reference: common.rawValue, models: models,
      spread: MatchResult.Change(
        before: FiniteNumber(found.objectiveBefore), after: FiniteNumber(found.objectiveAfter)),
      rounds: found.rounds, seed: matching.seed)
  }

  private func loadPair(
    with other: String, _ telling: Dataset?, beside pairs: [LoadedPair]
  ) async throws -> LoadedPair {
    let held = pairs.reduce(0) { $0 + $1.weightsA.byteCount + $1.weightsB.byteCount }
    let pair = try await LoadedPair.load(
      a, other, statement: matching.statement, jobs: workers.jobs,
      maxMemory: matching.share(ofMemory: try memory.limit().map { max(0, $0 - held) }),
      acceptsHeads: true)
    guard let telling else { return pair }
    return try pair.toldApart(by: telling, statement: matching.statement, jobs: workers.jobs)
  }

  /// Writes B as it was lined up with A.
  func write(
    _ pair: LoadedPair, _ found: WeightMatching.Result, to path: String
  ) async throws {
    if let gauge = found.gauge {
      try await GaugeFile.write(
        pair.fileB, pair.transformOfB(gauge), to: path, overwrites: force, jobs: workers.jobs)
    } else {
      try await PermutationFile.writePermuted(
        pair.fileB, found.permutations, of: pair.pair.groupsB, to: path, overwrites: force)
    }
  }

  /// Where the permuted networks go, by the names of their files; nil where nothing is written.
  private func outputPaths() async throws -> [String]? {
    guard let output else { return nil }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: output, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw Diagnostic(
          .cannotWrite, "this is a file; several networks are written into a folder", at: [output],
          remedy: "name a folder with --output")
      }
    } else {
      do {
        try FileManager.default.createDirectory(
          atPath: output, withIntermediateDirectories: false)
      } catch {
        throw Diagnostic(
          .cannotWrite, "the folder cannot be made", at: [output], remedy: "make it first")
      }
    }
    let names = others.map { (part.plainPath($0) as NSString).lastPathComponent }
    guard Set(names).count == names.count else {
      throw Diagnostic(
        .usage, "two of the networks have the same file name, and would be written over each other",
        at: [output], remedy: "rename one")
    }
    let paths = names.map { (output as NSString).appendingPathComponent($0) }
    for (path, other) in zip(paths, others) {
      try await OutputPath.check(
        path, copyOfModelAt: other, inputs: [a] + others, overwrites: force)
    }
    return paths
  }
}

extension WeightMatching.Result {
  /// What known permutations do to a pair.
  fileprivate init(_ pair: LoadedPair, permutations: [[Int]], sweeps: Int) {
    let groups = pair.pair.groupsA
    self.init(
      permutations: permutations,
      objectiveBefore: Permuting.squaredDistance(
        pair.weightsA, pair.weightsB, Permuting.identity(for: groups), of: groups),
      objectiveAfter: Permuting.squaredDistance(
        pair.weightsA, pair.weightsB, permutations, of: groups), sweeps: sweeps)
  }
}
