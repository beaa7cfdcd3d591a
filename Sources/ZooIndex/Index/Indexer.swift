public import Formats
import Foundation
import GRDB
public import Support
import WeightFiles

/// Brings an index up to date with the files below some paths.
public struct Indexer: Sendable {
  /// What may be chosen.
  public struct Options: Sendable {
    /// What the isolated worker may use for a file. A file that takes longer is a failure.
    public var limits = WorkerLimits(processorSeconds: 30, wallSeconds: 60)
    /// Models whose tensors take no more bytes are read and hashed. Others are once they are scanned.
    public var hashLimit = 64 << 20
    /// Which checkpoint of a trial is the model: `last`, `all`, or a number; nil means what the spec
    /// says, or the last.
    public var epochs: String?
    /// A spec: what its models were trained on, and how they lie in folders.
    public var spec: String?
    /// Tables of labels.
    public var labelFiles: [String] = []
    /// Whether files that failed before and did not change are tried again.
    public var retriesFailures = false
    /// How many files are read at once; nil means one a processor.
    public var jobs: Int?

    /// The defaults.
    public init() {}
  }

  private let index: ZooIndex
  private let options: Options

  /// Prepares to bring an index up to date.
  public init(_ index: ZooIndex, options: Options = Options()) {
    self.index = index
    self.options = options
  }

  /// What is to be indexed, once all that was asked for is known to be there: see `prepare`.
  public struct Work: Sendable {
    /// What tells it from other work: what was begun for one goes on for the same.
    public let purpose: String
    let paths: [String]
    let spec: IndexSpec?
    let epochs: FolderWalk.Epochs
    let tables: [String]
    let walk: FolderWalk
  }

  /// Checks the arguments and finds the models, before an index is touched.
  ///
  /// - Throws: `Diagnostic` where a path, the spec or a table is missing or damaged.
  public static func prepare(_ paths: [String], _ options: Options = Options()) throws -> Work {
    let spec = try options.spec.map { try IndexSpec(contentsOf: $0) }
    let epochs = try Indexer.epochs(options.epochs) ?? spec?.layout?.epochs ?? .last
    let tables = (options.labelFiles + [spec?.layout?.labelFile].compactMap { $0 })
      .map(FolderWalk.absolute)
    for table in tables { _ = try TableFile(contentsOf: table) }
    let words =
      paths.map(FolderWalk.absolute).sorted() + ["\(epochs)", spec?.hash ?? ""] + tables.sorted()
    return Work(
      purpose: FileHash.sha256(of: words.joined(separator: "\n")), paths: paths, spec: spec,
      epochs: epochs, tables: tables,
      walk: try FolderWalk(paths, epochs: epochs, layout: spec?.layout))
  }

  /// Walks the paths, reads what is new or changed, forgets what is gone.
  ///
  /// A failure of a file is no error: it is in the result. What was read before an interruption is
  /// in the index, and the same call goes on.
  ///
  /// - Throws: `Diagnostic` where a path, the spec or a table is missing or damaged, or the index
  ///   cannot be written.
  /// - Complexity: O(files) for those that did not change, by size, time and inode alone.
  public func update(
    _ paths: [String], progress: ProgressHandler? = nil
  ) async throws -> IndexSummary {
    try await update(try Indexer.prepare(paths, options), progress: progress)
  }

  /// The same for work that was prepared.
  public func update(
    _ work: Work, progress: ProgressHandler? = nil
  ) async throws -> IndexSummary {
    let (paths, spec, epochs, tables, walk) = (
      work.paths, work.spec, work.epochs, work.tables, work.walk
    )
    let known = try KnownUnits(index)
    // A spec that is new, or says something new, concerns what did not change itself.
    let isNewSpec = try spec.map { try index.setting("spec") != $0.hash } ?? false
    let reader = UnitReader(
      limits: options.limits, hashLimit: options.hashLimit, given: spec?.labels ?? [:],
      epochs: epochs, layout: spec?.layout)
    var plan = ReadingPlan(known, options: options) { unit, isArchive in
      isNewSpec && (isArchive || spec?.concerns(unit) ?? false)
    }
    plan.add(walk.units)
    let notes = try await read(&plan, with: reader, progress: progress)
    let gone = known.gone(paths.map(FolderWalk.absolute), there: plan.there)
    try forget(gone.rows)
    try confirm(plan.confirmed)
    if let spec { try index.set("spec", to: spec.hash) }
    try ModelNames.resolve(in: index)
    try await Lineage.resolve(in: index)
    var summary = IndexSummary()
    summary.warnings = try notes.warnings + GivenLabels.apply(tables, to: index)
    summary.read = plan.readCount
    summary.unchanged = plan.unchangedCount
    summary.removed = gone.count
    try summary.count(index, unreadable: walk.failures)
    return summary
  }

  /// Notes the times of archives that were written again for the members that are what they were.
  private func confirm(_ paths: [String]) throws {
    guard !paths.isEmpty else { return }
    try index.translated(.cannotWrite) {
      try index.queue.write { database in
        let statement = try database.makeStatement(
          sql: "UPDATE units SET modified = ? WHERE path = ?")
        for path in paths {
          try statement.execute(arguments: [FileStamp(ofModel: path)?.modified ?? 0, path])
        }
      }
    }
  }

  private func forget(_ units: [Int64]) throws {
    try index.translated(.cannotWrite) {
      try index.queue.write { database in
        let statement = try database.makeStatement(sql: "DELETE FROM units WHERE id = ?")
        for unit in units { try statement.execute(arguments: [unit]) }
      }
    }
  }

  /// Reads units side by side; a slow one does not hold up the others.
  ///
  /// - Returns: what a person should know of what was read.
  private func read(
    _ plan: inout ReadingPlan, with reader: UnitReader, progress: ProgressHandler?
  ) async throws -> IndexNotes {
    let writer = IndexWriter(index, isHashed: options.hashLimit > 0)
    // One more than cores: while a worker reads, this process decodes.
    let jobs = options.jobs ?? Parallel.processorCount
    let width = jobs <= 1 ? 1 : jobs + 1
    do {
      try await withThrowingTaskGroup(of: [ModelUnit]?.self) { group in
        var (running, done) = (0, 0)
        func start(_ unit: ModelUnit) {
          running += 1
          group.addTask {
            try await reader.read(unit) { event, unit in try await writer.add(event, of: unit) }
          }
        }
        while true {
          while running < width, let unit = plan.next() { start(unit) }
          guard running > 0, let members = try await group.next() else { break }
          running -= 1
          done += 1
          // What an archive holds is read like files.
          plan.finished(members)
          progress?(ProgressUpdate("indexing", completed: done, total: plan.count))
        }
      }
    } catch {
      try await writer.flush()
      throw error
    }
    try await writer.flush()
    return await writer.notes
  }

  private static func epochs(_ text: String?) throws -> FolderWalk.Epochs? {
    switch text {
    case nil: return nil
    case "last": return .last
    case "all": return .all
    case let text?:
      guard let number = Int(text), number >= 0 else {
        throw Diagnostic(
          .usage, "'\(text)' is no epoch", remedy: "give last, all, or the number of a checkpoint")
      }
      return .number(number)
    }
  }
}
