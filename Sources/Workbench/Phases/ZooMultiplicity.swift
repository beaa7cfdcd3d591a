import Foundation
import ModelGraph
public import Networks
public import Phases
public import Support
import Synchronization
public import ZooIndex

/// How far the models of an index that are about as good as the best differ on single examples.
///
/// Two passes: the first tells how good each model is on the data, the second adds the models of the set
/// to the tally. One network is in memory at a time.
public struct ZooMultiplicity: Sendable {
  /// A model of the set.
  public struct Member: Sendable, Hashable {
    /// Its file.
    public var file: String
    /// Its accuracy on the data.
    public var accuracy: Double
    fileprivate var id: Int64
    fileprivate var loss: Double
  }

  /// How models are chosen and read.
  public struct Options: Sendable {
    /// How far below the best accuracy a model of the set may be, as a share.
    public var within = 0.01
    /// An SQL expression over the models' columns; nil takes all.
    public var filter: String?
    /// How many threads; nil means one a processor.
    public var jobs: Int?
    /// Asked before each model whether to stop.
    public var shouldStop: @Sendable () -> Bool = { false }

    /// The defaults.
    public init() {}
  }

  /// The models of the set, the best first and then as the index has them.
  public private(set) var members: [Member] = []
  /// How many models were measured.
  public private(set) var measured = 0
  /// Models that could not be run.
  public private(set) var skipped: [ProbeModels.Skipped] = []
  /// The tally over the set.
  public private(set) var tally: MultiplicityTally
  /// The labels of the examples.
  public let labels: [Int]
  /// What was taken for granted of networks.
  public let assumptions: [FileAssumption]
  /// What is to be said of the data.
  public let notes: [String]

  /// Measures the models.
  ///
  /// - Throws: `Diagnostic`: `badData` where the data have no classes or no model can be run on them;
  ///   `interrupted` where it was asked to stop.
  public init(
    _ index: ZooIndex, data: Dataset, options: Options = Options(),
    progress: ProgressHandler? = nil
  ) async throws {
    guard data.classCount > 1, data.labels.count == data.count, data.count > 0 else {
      throw Diagnostic(
        .badData, "the data have no classes", remedy: "models are compared by classes: give labels")
    }
    labels = data.labels.map(Int.init)
    notes = data.notes
    var query = IndexQuery()
    query.filter = options.filter
    query.columns = ["id", "file"]
    let models = try index.ask(query).rows.compactMap { row -> (id: Int64, file: String)? in
      if case .integer(let id) = row[0] { (id, row[1].text) } else { nil }
    }
    guard !models.isEmpty else {
      throw Diagnostic(
        .badData,
        options.filter == nil ? "the index has no models" : "no model fits the expression",
        at: [index.path])
    }
    let run = Run(index: index, data: data, options: options, progress: progress)
    let good = Mutex([Int: Member]())
    let assumed = Mutex([Int: [Assumption]]())
    let failures = try await run.forEach(models) { place, answer in
      let model = models[place]
      let member = Self.member(model.id, model.file, answer.values, data)
      good.withLock { $0[place] = member }
      assumed.withLock { $0[place] = answer.assumptions }
    }
    skipped = failures.sorted { $0.key < $1.key }.map { place, reason in
      ProbeModels.Skipped(file: models[place].file, reason: reason)
    }
    let all = good.withLock { members in members.sorted { $0.key < $1.key }.map(\.value) }
    measured = all.count
    assumptions = assumed.withLock { assumed in
      Self.shared(assumed.sorted { $0.key < $1.key }.map { (models[$0.key].file, $0.value) })
    }
    guard let best = all.min(by: { (-$0.accuracy, $0.loss) < (-$1.accuracy, $1.loss) }) else {
      throw Diagnostic(
        .badData,
        "none of \(models.count) models can be run on these data"
          + (skipped.first.map { ": \($0.file): \($0.reason)" } ?? ""), at: [index.path])
    }
    // Shares of examples: a billionth is below one example, and above what rounding does to a difference.
    members =
      [best]
      + all.filter { $0.id != best.id && $0.accuracy >= best.accuracy - options.within - 1e-9 }
    tally = try await run.tally(members)
  }

  /// The assumptions, each once with how many models share it.
  private static func shared(_ all: [(file: String, assumptions: [Assumption])])
    -> [FileAssumption]
  {
    var order: [Assumption] = []
    var files: [Assumption: [String]] = [:]
    for (file, assumptions) in all {
      for assumption in assumptions {
        if files[assumption] == nil { order.append(assumption) }
        files[assumption, default: []].append(file)
      }
    }
    return order.map { assumption in
      let own = files[assumption] ?? []
      let named = own.first ?? ""
      return FileAssumption(
        file: own.count > 1 ? "\(own.count) models, such as \(named)" : named,
        assumption: assumption)
    }
  }

  private static func member(
    _ id: Int64, _ file: String, _ probabilities: [Float], _ data: Dataset
  ) -> Member {
    let classes = data.classCount
    let said = MultiplicityTally.answers(probabilities, classes: classes)
    let right = zip(said, data.labels).count { $0 == Int($1) }
    let loss = data.labels.enumerated().reduce(0.0) { sum, item in
      sum - log(max(1e-12, Double(probabilities[item.offset * classes + Int(item.element)])))
    }
    return Member(
      file: file, accuracy: Double(right) / Double(data.count), id: id, loss: loss)
  }
}

/// Runs models of an index on data, one after the other.
private struct Run {
  let index: ZooIndex
  let data: Dataset
  let options: ZooMultiplicity.Options
  let progress: ProgressHandler?

  /// Hands each model's probabilities to `body`; the reasons of those that cannot be run, by place.
  func forEach(
    _ models: [(id: Int64, file: String)],
    _ body: @Sendable @escaping (Int, ClassProbabilities) throws -> Void
  ) async throws -> [Int: String] {
    let (data, jobs) = (data, options.jobs)
    var reading = ZooReading.Options()
    // One network at a time, which uses all threads: sums are added in one order.
    reading.jobs = 1
    reading.shouldStop = options.shouldStop
    return try await ZooReading(options: reading).forEach(
      models.map(\.id), of: index, opensInFull: { _ in true }, progress: progress
    ) { place, model in
      try body(
        place,
        try ClassProbabilities(of: model, named: models[place].file, on: data, jobs: jobs))
    }
  }

  /// The tally of the members, of which the first is the baseline.
  func tally(_ members: [ZooMultiplicity.Member]) async throws -> MultiplicityTally {
    let tally = Mutex<MultiplicityTally?>(nil)
    for part in [members.prefix(1), members.dropFirst()] {
      let models = part.map { (id: $0.id, file: $0.file) }
      let classes = data.classCount
      let failures = try await forEach(models) { _, answer in
        tally.withLock { tally in
          var own =
            tally
            ?? MultiplicityTally(
              baseline: MultiplicityTally.answers(answer.values, classes: classes),
              classes: classes)
          own.add(answer.values)
          tally = own
        }
      }
      if let (place, reason) = failures.first {
        throw Diagnostic(
          .failed, "it could be read a moment ago, and now cannot be: \(reason)",
          at: [models[place].file], remedy: "let nobody change the files while they are compared")
      }
    }
    guard let tally = tally.withLock({ $0 }) else {
      throw Diagnostic(.badData, "there is no model to compare", at: [index.path])
    }
    return tally
  }
}
