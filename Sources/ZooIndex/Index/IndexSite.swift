import Archives
import Foundation
import Support
import Synchronization

/// Where an index is brought up to date: in place where it is there and goes on, otherwise in a file
/// beside it, which takes its place when it is complete.
///
///     let site = try IndexSite("zoo.sqlite", beginsAnew: true, purpose: work.purpose)
///     // … writes to site.index …
///     try site.finish()
///
/// Whatever happens before `finish`, an index that is there is as it was, or has what was written to it
/// in whole transactions. What was begun beside it and interrupted goes on with the same purpose.
public final class IndexSite: Sendable {
  /// The index to be written.
  public let index: ZooIndex

  private let path: String
  /// The file beside the index; nil where it is written in place.
  private let partial: String?
  /// The lock of the index that is to be replaced.
  private let oldLock: Mutex<FolderLock?>

  /// Opens an index, or begins one.
  ///
  /// - Parameters:
  ///   - path: the index.
  ///   - beginsAnew: whether an index that is there is replaced.
  ///   - purpose: what it is to hold: what was begun for another purpose is given up.
  /// - Throws: `Diagnostic`: `cannotWrite`, also where another process writes it; `badData` where a file
  ///   is there that is no index.
  public init(_ path: String, beginsAnew: Bool, purpose: String) throws {
    self.path = path
    if FileStamp(of: path)?.kind == .folder {
      throw Diagnostic(
        .cannotWrite, "this is a folder", at: [path],
        remedy: "name a file in it: \((path as NSString).appendingPathComponent("zoo.sqlite"))")
    }
    let partial = IndexSite.partialPath(of: path)
    let size = FileStamp(of: path)?.byteCount ?? 0
    if size > 0, !beginsAnew {
      index = try ZooIndex.open(writing: path)
      self.partial = nil
      oldLock = Mutex(nil)
      // Of a command that was to replace it, and was ended.
      if FileStamp(of: partial) != nil, let lock = try? FolderLock(partial) {
        IndexSite.remove(partial)
        withExtendedLifetime(lock) {}
      }
      return
    }
    if size > 0 { try ZooIndex.requireIndex(path) }
    oldLock = Mutex(size > 0 ? try FolderLock(path) : nil)
    index = try IndexSite.open(partial, for: path, purpose)
    self.partial = partial
  }

  private static func open(
    _ partial: String, for path: String, _ purpose: String
  ) throws -> ZooIndex {
    func named(_ body: () throws -> ZooIndex) throws -> ZooIndex {
      do { return try body() } catch var error as Diagnostic {
        error.location = error.location.map { $0 == partial ? path : $0 }
        throw error
      }
    }
    return try named {
      let lock = try FolderLock(partial, creates: true)
      let size = FileStamp(of: partial)?.byteCount ?? 0
      if size > 0 {
        if let begun = try? ZooIndex.open(writing: partial, holding: lock),
          (try? begun.setting(setting)) == purpose
        {
          return begun
        }
        remove(partial)
      }
      // The lock goes with the file: a new one has its own.
      let fresh = size > 0 ? try FolderLock(partial, creates: true) : lock
      do {
        let index = try ZooIndex.open(writing: partial, creates: true, holding: fresh)
        try index.set(setting, to: purpose)
        return index
      } catch {
        remove(partial)
        throw error
      }
    }
  }

  private static let setting = "begun"

  /// Closes the index, and gives it its name.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`; an index that was there is then as it was.
  public func finish() throws {
    defer { oldLock.withLock { $0 = nil } }
    guard let partial else { return try index.close() }
    let lock = try index.closeKeepingLock(forgetting: IndexSite.setting)
    defer { withExtendedLifetime(lock) {} }
    if oldLock.withLock({ $0 != nil }) {
      // What its last writer left beside it would be taken for a part of the new one. It goes into the
      // old one first: until the last moment that is whole.
      try? ZooIndex.open(writing: path, holding: nil).close()
      for suffix in ZooIndex.companions {
        try? FileManager.default.removeItem(atPath: path + suffix)
      }
    }
    let descriptor = unsafe Foundation.open(partial, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0, unsafe rename(partial, path) == 0 else {
      throw Diagnostic(
        .cannotWrite, "cannot be put in its place: \(unsafe String(cString: strerror(errno)))",
        at: [path], remedy: "check the folder and try again")
    }
    let folder = path.folderOfPath
    let directory = unsafe Foundation.open(
      folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  /// Gives up: what was begun goes, but after an interruption, from which the same command goes on.
  public func abandon(_ error: any Error) {
    defer { oldLock.withLock { $0 = nil } }
    let isInterrupted =
      error is CancellationError || (error as? Diagnostic)?.code == .interrupted
    guard let partial, !isInterrupted else {
      try? index.close()
      return
    }
    let lock = try? index.closeKeepingLock(forgetting: nil)
    IndexSite.remove(partial)
    withExtendedLifetime(lock) {}
  }

  /// The file in which an index grows.
  static func partialPath(of path: String) -> String {
    (path.folderOfPath as NSString)
      .appendingPathComponent(".\((path as NSString).lastPathComponent).partial")
  }

  private static func remove(_ path: String) {
    for suffix in ZooIndex.companions + [""] {
      try? FileManager.default.removeItem(atPath: path + suffix)
    }
  }
}

extension ZooIndex {
  /// What SQLite keeps beside a file while it is written.
  package static let companions = ["-wal", "-shm", "-journal"]

  /// Refuses to replace a file that is no index, by its header; a damaged index is one.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  package static func requireIndex(_ path: String) throws {
    let header =
      FileHandle(forReadingAtPath: path).flatMap { file -> Data? in
        defer { try? file.close() }
        return try? file.read(upToCount: 72)
      } ?? Data()
    let identifier = header.dropFirst(68).reduce(0) { $0 << 8 | Int($1) }
    guard header.starts(with: Data("SQLite format 3\0".utf8)), header.count == 72,
      identifier == applicationID
    else {
      throw Diagnostic(
        .badData, "this is no index of a zoo, and is not replaced by one", at: [path],
        remedy: "choose another file")
    }
  }
}
