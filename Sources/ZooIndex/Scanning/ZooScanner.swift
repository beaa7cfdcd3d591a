public import Formats
import Foundation
public import Support
import Synchronization

/// Computes metrics for the models of an index: what is missing, and only that.
public struct ZooScanner: Sendable {
  /// What may be chosen.
  public struct Options: Sendable {
    /// The metrics.
    public var metrics: [any Metric]
    /// An SQL expression over the models' columns; nil takes all.
    public var filter: String?
    /// How many models are scanned at once; nil means one a processor.
    public var jobs: Int?
    /// Bounds the weights that are in memory at once.
    public var budget = MemoryBudget(byteCount: min(4 << 30, MachineMemory.byteCount / 2))
    /// What the isolated worker may use, for files that have to be opened by it.
    public var limits = WorkerLimits()
    /// Asked before each model whether to stop: what is begun is finished.
    public var shouldStop: @Sendable () -> Bool = { false }

    /// The defaults, for some metrics.
    public init(metrics: [any Metric]) { self.metrics = metrics }
  }

  private let options: Options

  /// Prepares a scan.
  public init(options: Options) { self.options = options }

  /// Scans the models of an index and writes the results into it.
  ///
  /// - Returns: what was done, and what could not be.
  /// - Throws: `Diagnostic`: `interrupted` where it was asked to stop, `usage` for a filter that makes
  ///   no sense. What was computed is in the index in any case.
  public func scan(
    _ index: ZooIndex, progress: ProgressHandler? = nil
  ) async throws -> ScanSummary {
    let models = try index.models(where: options.filter)
    return try await scan(models, of: index, into: index, progress: progress)
  }

  /// Scans some models, and writes results where they belong.
  func scan(
    _ models: [Int64], of index: ZooIndex, into store: some ResultStore,
    done: [Int64: [String: String]]? = nil, progress: ProgressHandler?
  ) async throws -> ScanSummary {
    try store.prepare(options.metrics)
    let models = models.filter { id in options.metrics.contains { $0.applies(to: id) } }
    let items = try index.scanItems(models, metrics: options.metrics, done: done)
    let total = max(1, items.reduce(0) { $0 + $1.byteCount } >> 20)
    let tally = ScanTally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      var next = items.startIndex
      func start() {
        let item = items[next]
        next += 1
        group.addTask {
          try await scan(item, of: index, into: store, tally: tally)
          let (models, bytes, _) = tally.counts
          progress?(
            ProgressUpdate(
              "scanning (MiB)", completed: bytes >> 20, total: total,
              detail: "\(models)/\(items.count) models"))
        }
      }
      while next < min(width, items.count), !options.shouldStop() { start() }
      while try await group.next() != nil {
        if next < items.count, !options.shouldStop() { start() }
      }
    }
    let counts = tally.counts
    if options.shouldStop(), counts.models < items.count {
      throw Diagnostic(
        .interrupted, "stopped after \(counts.models) of \(items.count) models",
        at: [store.path], remedy: "run the same command again to go on")
    }
    var summary = ScanSummary(scanned: counts.models, unchanged: models.count - items.count)
    summary.failures = try (counts.failures + store.refusals(models, options.metrics, in: index))
      .sorted { NaturalOrder.precedes($0.file, $1.file) }
    return summary
  }

  /// How many models are scanned at once.
  private var width: Int { max(1, options.jobs ?? Parallel.processorCount) }

  private func scan(
    _ item: ScanItem, of index: ZooIndex, into store: some ResultStore,
    tally: ScanTally
  ) async throws {
    func fail(_ error: Diagnostic, _ metric: (any Metric)? = nil) {
      let name = metric.map { "\($0.description.name): " } ?? ""
      tally.add(
        IndexFailure(file: item.file, reason: name + item.reason(error), code: error.code))
    }
    do {
      let model = try await item.open(
        from: index, index.entries(of: item.id), budget: options.budget, limits: options.limits)
      // Metrics of the model by itself do without those that cannot be opened.
      let companions: Result<[Int64: ScannedModel], any Error>
      do {
        companions = .success(
          try await item.openCompanions(in: index, limits: options.limits))
      } catch {
        companions = .failure(error)
      }
      let outcomes = try model.scanning {
        var outcomes: [MetricOutcome] = []
        for metric in item.metrics {
          let description = metric.description(for: item.id)
          do {
            let result = try metric.measured(
              model, id: item.id, beside: { try companions.get() })
            outcomes.append(MetricOutcome(description, result))
          } catch let error as Diagnostic where error.code == .badData {
            outcomes.append(MetricOutcome(description, reason: item.reason(error)))
          } catch let error as Diagnostic where error.code == .failed {
            // Too little memory, and the like: another time it may do, so that nothing is kept.
            fail(error, metric)
          }
        }
        return outcomes
      }
      try store.record(outcomes, of: item.id)
    } catch let error as Diagnostic
      where [.badData, .noInput, .failed].contains(error.code)
    {
      // Gone or changed: nothing is kept, so that it is tried again.
      fail(error)
    }
    tally.add(byteCount: item.byteCount)
  }
}

/// How far a scan is.
private final class ScanTally: Sendable {
  private let state = Mutex((models: 0, bytes: 0, failures: [IndexFailure]()))

  /// Models, bytes, and what could not be read.
  var counts: (models: Int, bytes: Int, failures: [IndexFailure]) { state.withLock { $0 } }

  /// Notes that a model is done.
  func add(byteCount: Int) {
    state.withLock {
      $0.models += 1
      $0.bytes += byteCount
    }
  }

  /// Notes that a model could not be read.
  func add(_ failure: IndexFailure) { state.withLock { $0.failures.append(failure) } }
}

/// What a scan did.
public struct ScanSummary: Sendable {
  /// Models that were scanned.
  public var scanned: Int
  /// Models that had all results already.
  public var unchanged: Int
  /// Models that could not be measured, now or before, in the order of names.
  public var failures: [IndexFailure] = []
}
