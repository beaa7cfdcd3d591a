package import Archives
import Foundation
package import GRDB
package import Support
import Synchronization

/// The index of a zoo: one SQLite file that holds what is known of models, their tensors, and the
/// results of scans.
///
/// While it is written it is in write-ahead mode; at rest it is one plain file, which can be copied
/// and read from a file system without locks. It belongs to one writer on one host at a time.
public final class ZooIndex: Sendable {
  /// The path as the user gave it.
  public let path: String
  package let queue: DatabaseQueue
  private let isWriter: Bool
  private let lock: Mutex<FolderLock?>

  /// `wslz`, in the file's header.
  package static let applicationID = 0x7773_6C7A

  private init(path: String, queue: DatabaseQueue, lock: FolderLock? = nil, isWriter: Bool) {
    self.path = path
    self.queue = queue
    self.isWriter = isWriter
    self.lock = Mutex(lock)
  }

  /// Opens an index to be written, and makes it where there is none. No other process may write it
  /// until it is closed.
  ///
  /// - Parameter creates: whether it is made where there is none.
  /// - Throws: `Diagnostic`: `badData` where the file is something else; `cannotWrite`, also where
  ///   another process writes it; `noInput`.
  public static func open(writing path: String, creates: Bool = false) throws -> ZooIndex {
    if !creates { try requireFile(path) }
    return try open(
      writing: path, creates: creates, holding: FolderLock(path, creates: creates))
  }

  /// The same where the lock is there already, or another one stands for it.
  package static func open(
    writing path: String, creates: Bool = false, holding lock: FolderLock?
  ) throws -> ZooIndex {
    try translated(path, .cannotWrite) {
      let isNew = (FileStamp(of: path)?.byteCount ?? 0) == 0
      var configuration = Configuration()
      configuration.busyMode = .timeout(20)
      configuration.prepareDatabase { database in
        try check(database, isNew: isNew, path: path)
        database.add(collation: .natural)
        try database.execute(
          sql: """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;
            PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF
            """)
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try IndexSchema.migrator.migrate(queue)
      return ZooIndex(path: path, queue: queue, lock: lock, isWriter: true)
    }
  }

  /// Opens an index that is only read. Nothing that is asked can change it.
  public static func open(reading path: String) throws -> ZooIndex {
    try open(reading: path, uri: path)
  }

  /// Opens an index that nobody writes, without locks: many hosts may read it at once.
  package static func open(atRest path: String) throws -> ZooIndex {
    let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%"))
    let escaped =
      FolderWalk.absolute(path).addingPercentEncoding(withAllowedCharacters: allowed) ?? path
    return try open(reading: path, uri: "file://\(escaped)?immutable=1")
  }

  private static func open(reading path: String, uri: String) throws -> ZooIndex {
    try requireFile(path)
    if uri == path { recover(path) }
    return try translated(path, .badData) {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(20)
      configuration.prepareDatabase { database in
        try check(database, isNew: false, path: path)
        database.add(collation: .natural)
        // Also bounds what a query can take.
        try database.execute(
          sql: """
            PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824;
            PRAGMA hard_heap_limit = 2147483648
            """)
      }
      let queue = try DatabaseQueue(path: uri, configuration: configuration)
      let isCurrent = try queue.read { try IndexSchema.migrator.hasCompletedMigrations($0) }
      guard isCurrent else {
        throw Diagnostic(
          .badData, "this index was made by another version of wsl", at: [path],
          remedy: "bring it up to date with \(action: .zooIndex)")
      }
      return ZooIndex(path: path, queue: queue, isWriter: false)
    }
  }

  /// Takes into an index what a writer left beside it that was ended by force: whoever only reads may
  /// not. Where another process writes, or nobody may, it stays as it is.
  private static func recover(_ path: String) {
    let isLeft = companions.contains { (FileStamp(of: path + $0)?.byteCount ?? 0) > 0 }
    guard isLeft, let lock = try? FolderLock(path) else { return }
    try? open(writing: path, holding: lock).close()
  }

  /// Writes everything into the one file and closes it.
  public func close() throws { _ = try closeKeepingLock(forgetting: nil) }

  /// The same; other processes are kept away as long as what is returned lives.
  ///
  /// - Parameter setting: a setting that is taken out first.
  package func closeKeepingLock(forgetting setting: String?) throws -> FolderLock? {
    try translated(.cannotWrite) {
      if isWriter {
        if let setting {
          try queue.write {
            try $0.execute(sql: "DELETE FROM settings WHERE name = ?", arguments: [setting])
          }
        }
        try queue.writeWithoutTransaction {
          try $0.execute(sql: "PRAGMA optimize; PRAGMA journal_mode = DELETE")
        }
      }
      try queue.close()
    }
    return lock.withLock { lock in
      defer { lock = nil }
      return lock
    }
  }

  private static func requireFile(_ path: String) throws {
    guard let stamp = FileStamp(of: path) else {
      throw Diagnostic(
        .noInput, "there is no such index", at: [path],
        remedy: "make it with \(action: .zooIndex, of: "FOLDER", with: .output, path)")
    }
    guard stamp.kind == .file else {
      throw Diagnostic(.noInput, "this is not a file", at: [path], remedy: "name an index")
    }
  }

  private static func check(_ database: Database, isNew: Bool, path: String) throws {
    if isNew {
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      return
    }
    guard try Int.fetchOne(database, sql: "PRAGMA application_id") == applicationID,
      try Int.fetchOne(database, sql: ResultTables.foreignCount) == 0
    else {
      throw Diagnostic(
        .badData, "this is a database, but no index of a zoo", at: [path],
        remedy: "choose another file")
    }
  }

  /// Runs work on the database; its errors become diagnostics.
  package func translated<Result>(
    _ code: Diagnostic.Code = .badData, _ work: () throws -> Result
  ) throws -> Result {
    try ZooIndex.translated(path, code, work)
  }

  package static func translated<Result>(
    _ path: String, _ code: Diagnostic.Code, _ work: () throws -> Result
  ) throws -> Result {
    do { return try work() } catch let error as DatabaseError {
      throw diagnostic(error, path, code)
    } catch is RowDecodingError {
      throw damagedCell(path)
    }
  }

  /// The error of a cell that holds what no index has there.
  package static func damagedCell(_ path: String) -> Diagnostic {
    Diagnostic(
      .badData, "a cell of it holds what it cannot hold", at: [path],
      remedy: "it is damaged, or no file of this tool: make it again")
  }

  /// An error of SQLite in words.
  package static func diagnostic(
    _ error: DatabaseError, _ path: String, _ code: Diagnostic.Code
  ) -> Diagnostic {
    let reason = error.message ?? error.resultCode.description
    switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      return Diagnostic(
        .badData, "this is no index, or it is damaged (\(reason))", at: [path],
        remedy: "make it again with \(action: .zooIndex)")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return Diagnostic(
        .cannotWrite, "another process is writing to it", at: [path],
        remedy: "wait for it, and run the command again")
    case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN:
      let folder = path.folderOfPath
      let isFolder = FileStamp(of: path)?.kind == .folder
      return Diagnostic(
        code == .badData ? .noInput : .cannotWrite,
        isFolder ? "this is a folder" : "SQLite: \(reason)", at: [path],
        remedy: isFolder
          ? "name a file in it: \((path as NSString).appendingPathComponent("zoo.sqlite"))"
          : error.resultCode == .SQLITE_FULL
            ? "make room and try again"
            : "check the file and its folder, \(folder.isEmpty ? "." : folder)")
    default: return Diagnostic(code, "SQLite: \(reason)", at: [path])
    }
  }
}
