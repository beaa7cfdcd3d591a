import Archives
import Foundation
import GRDB
public import Support
import WeightFiles

/// The results of a part of an index's models, in a file of its own. It is written under another
/// name, and gets its own when it is complete; from then on it does not change.
public final class ShardFile: ResultStore {
  let path: String
  let queue: DatabaseQueue
  private let lock: FolderLock?
  var hasLabels: Bool { false }

  /// `wslp`, in the file's header.
  static let applicationID = 0x7773_6C70

  init(path: String, queue: DatabaseQueue, lock: FolderLock? = nil) {
    self.path = path
    self.queue = queue
    self.lock = lock
  }

  /// The path of a shard: what the user says, or a file in the folder that the user names.
  public static func path(_ output: String, _ place: ShardPlace) -> String {
    guard FileStamp(of: output)?.kind == .folder || output.hasSuffix("/") else { return output }
    return (output as NSString).appendingPathComponent(
      "shard-\(place.number)-of-\(place.count).sqlite")
  }

  /// Scans a part of an index. The index is only read.
  ///
  /// A part that is complete stays as it is; one that was begun goes on.
  ///
  /// - Throws: `Diagnostic`: `interrupted` where it was asked to stop, `cannotWrite` where the file is
  ///   there and holds something else.
  public static func scan(
    _ indexPath: String, place: ShardPlace, to path: String, options: ZooScanner.Options,
    overwrites: Bool, progress: ProgressHandler?
  ) async throws -> ScanSummary {
    let copy = try IndexCopy(indexPath)
    let index = copy.index
    let plan = try ShardPlan(index, place: place, options: options)
    if let stamp = FileStamp(of: path) {
      if !overwrites, stamp.kind == .file, let facts = try? ShardFacts(path),
        facts.plan == plan.facts
      {
        return ScanSummary(scanned: 0, unchanged: plan.models.count)
      }
      guard overwrites, stamp.kind == .file else {
        throw Diagnostic(
          .cannotWrite, "this file is there already, and is not this shard of this index",
          at: [path], remedy: "replace it with \(setting: .force), or write to another")
      }
    }
    let partial = try open(partial: path, plan: plan, fresh: overwrites)
    let summary: ScanSummary
    do {
      summary = try await ZooScanner(options: options).scan(
        plan.models, of: index, into: partial, done: partial.measuredSettings(), progress: progress)
    } catch let error as Diagnostic where error.code == .cannotWrite {
      // What was measured is kept for the next run; a shard without any would only take room.
      if (try? partial.measuredSettings().isEmpty) == true {
        try? partial.queue.close()
        remove(partial.path)
      }
      throw error
    }
    try ZooIndex.translated(path, .cannotWrite) {
      try partial.queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM") }
      try partial.queue.close()
    }
    try publish(partial.path, as: path)
    withExtendedLifetime(partial) {}  // It has the lock.
    return summary
  }

  /// The file in which a shard grows: what was begun for the same plan is kept.
  private static func open(partial path: String, plan: ShardPlan, fresh: Bool) throws -> ShardFile {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent()
    let hidden = folder.appendingPathComponent(".\(url.lastPathComponent).partial").path
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw Diagnostic(
        .cannotWrite, "there is no folder for it, and none can be made", at: [path],
        remedy: "make the folder first")
    }
    let lock: FolderLock
    var isNew = false
    do {
      let first = try FolderLock(hidden, creates: true)
      isNew = fresh || (try? ShardFacts(hidden))?.plan != plan.facts
      if isNew {
        remove(hidden)
        lock = try FolderLock(hidden, creates: true)
      } else {
        lock = first
      }
    } catch var error as Diagnostic {
      error.location = [path]
      throw error
    }
    do { return try begun(hidden, path, plan, lock) } catch {
      if isNew { remove(hidden) }
      throw error
    }
  }

  private static func begun(
    _ hidden: String, _ path: String, _ plan: ShardPlan, _ lock: FolderLock
  ) throws -> ShardFile {
    try ZooIndex.translated(path, .cannotWrite) {
      var configuration = Configuration()
      configuration.prepareDatabase { database in
        // No shared memory, no second process: it may lie on a file system of a cluster.
        try database.execute(
          sql: """
            PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE;
            PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY
            """)
      }
      let queue = try DatabaseQueue(path: hidden, configuration: configuration)
      try queue.write { database in
        if try !database.tableExists("shard") { try plan.write(to: database) }
      }
      return ShardFile(path: hidden, queue: queue, lock: lock)
    }
  }

  private static func remove(_ path: String) {
    for suffix in ["", "-journal"] { try? FileManager.default.removeItem(atPath: path + suffix) }
  }

  /// Puts a complete shard in its place, after it is on the disk.
  private static func publish(_ partial: String, as path: String) throws {
    let descriptor = unsafe Foundation.open(partial, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw Diagnostic(
        .cannotWrite, "it cannot be written to the disk", at: [path],
        remedy: "make room and try again")
    }
    Foundation.close(descriptor)
    // The journal of a closed database is empty. It goes first: whoever is ended in between leaves a
    // partial file, which the next run finishes, and nothing beside a complete one.
    try? FileManager.default.removeItem(atPath: partial + "-journal")
    guard unsafe rename(partial, path) == 0 else {
      throw Diagnostic(.cannotWrite, "it cannot be put in its place", at: [path])
    }
  }
}
