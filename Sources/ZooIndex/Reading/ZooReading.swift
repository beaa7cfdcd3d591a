public import Catalogs
public import Formats
public import Support
import Synchronization

/// Reads models of an index one after the other, several at once, for whoever needs their tensors and
/// keeps nothing in the index.
public struct ZooReading: Sendable {
  /// What may be chosen.
  public struct Options: Sendable {
    /// How many models are read at once; nil means one a processor.
    public var jobs: Int?
    /// Bounds the weights that are in memory at once while they are read.
    public var budget = MemoryBudget(byteCount: 4 << 30)
    /// What the isolated worker may use, for files that have to be opened by it.
    public var limits = WorkerLimits()
    /// Asked before each model whether to stop.
    public var shouldStop: @Sendable () -> Bool = { false }

    /// The defaults.
    public init() {}
  }

  private let options: Options

  /// Prepares a reading.
  public init(options: Options = Options()) { self.options = options }

  /// Reads models and hands each to `body`.
  ///
  /// - Parameters:
  ///   - models: identifiers, as the column `id` has them.
  ///   - opensInFull: of models with such tensors the file is opened with its attributes and documents,
  ///     where the index alone would do; for instance because they are an adapter's.
  ///   - body: takes the place of the model in `models`, and the model. It runs on several threads at
  ///     once.
  /// - Returns: the models that could not be read, or that `body` found damaged, by their place.
  /// - Throws: `Diagnostic` of code `interrupted` where it was asked to stop, and what `body` throws
  ///   beside damaged data.
  public func forEach(
    _ models: [Int64], of index: ZooIndex,
    opensInFull: @Sendable @escaping ([TensorEntry]) -> Bool = { _ in false },
    progress: ProgressHandler? = nil,
    _ body: @Sendable @escaping (Int, ScannedModel) throws -> Void
  ) async throws -> [Int: String] {
    let places = Dictionary(
      models.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let items = try index.readingItems(models)
    let tally = ReadingTally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      var next = items.startIndex
      func start() {
        let item = items[next]
        next += 1
        group.addTask {
          let place = places[item.id] ?? 0
          do {
            try await read(item, of: index, opensInFull, at: place, body)
          } catch let error as Diagnostic where error.code == .badData || error.code == .noInput {
            tally.add(item.reason(error), at: place)
          }
          progress?(ProgressUpdate("reading", completed: tally.next(), total: items.count))
        }
      }
      let width = max(1, options.jobs ?? Parallel.processorCount)
      while next < min(width, items.count), !options.shouldStop() { start() }
      while try await group.next() != nil {
        if next < items.count, !options.shouldStop() { start() }
      }
      if next < items.count {
        throw Diagnostic(
          .interrupted, "stopped after \(next) of \(items.count) models", at: [index.path],
          remedy: "run the same command again")
      }
    }
    return tally.failures
  }

  private func read(
    _ item: ScanItem, of index: ZooIndex, _ opensInFull: @Sendable ([TensorEntry]) -> Bool,
    at place: Int, _ body: @Sendable (Int, ScannedModel) throws -> Void
  ) async throws {
    let entries = try index.entries(of: item.id)
    let model = try await item.open(
      from: index, entries, inFull: opensInFull(entries), budget: options.budget,
      limits: options.limits)
    try model.scanning { try body(place, model) }
  }
}

/// How far a reading is.
private final class ReadingTally: Sendable {
  private let state = Mutex((done: 0, failures: [Int: String]()))

  /// Why models could not be read, by their place.
  var failures: [Int: String] { state.withLock { $0.failures } }

  /// Counts one more model.
  func next() -> Int {
    state.withLock {
      $0.done += 1
      return $0.done
    }
  }

  /// Notes that a model could not be read.
  func add(_ reason: String, at place: Int) { state.withLock { $0.failures[place] = reason } }
}

extension ZooIndex {
  /// The tensors of models, as they were catalogued: names, shapes, types; nothing is read.
  ///
  /// - Parameter models: identifiers, as the column `id` has them.
  public func tensors(of models: [Int64]) throws -> [[TensorEntry]] {
    try models.map { try entries(of: $0) }
  }

  /// Models to be read, in the order of their identifiers.
  fileprivate func readingItems(_ models: [Int64]) throws -> [ScanItem] {
    let items = try scanItems(models, metrics: [ReadingOnly()])
    return items.sorted { $0.id < $1.id }
  }
}

/// Stands for a metric that no index has, so that every model is to be read.
private struct ReadingOnly: Metric {
  var description: MetricDescription {
    MetricDescription(name: " reading", settings: "", columns: [])
  }

  func measure(_ model: ScannedModel) throws -> MetricResult { MetricResult(rows: []) }
}
