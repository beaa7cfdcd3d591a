public import Archives
public import Formats
import Glibc
import Support
import Synchronization

/// The archives that were opened last, so that a directory is not read again, and a stream not inflated
/// again, for every member. An archive that changed on disk is another one.
final class OpenArchives: Sendable {
  /// Those of this process.
  static let shared = OpenArchives()

  private struct Key: Hashable {
    var path: String
    var size: Int
    var seconds: Int
    var nanoseconds: Int
    var inode: UInt64

    init(_ path: String) {
      var status = stat()
      let isThere = stat(path, &status) == 0
      self.path = path
      size = isThere ? Int(status.st_size) : -1
      (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
      inode = UInt64(status.st_ino)
    }
  }

  private static let limit = 4
  private let kept = Mutex<[(key: Key, archive: ModelArchive)]>([])

  /// An archive of weight files.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the file is something else.
  func archive(_ path: String, limits: WorkerLimits) async throws -> ModelArchive {
    guard let archive = try await archiveIfAny(path, limits: limits) else {
      throw OpenArchives.noArchive(path)
    }
    return archive
  }

  /// An archive of weight files; nil where the file is one itself.
  func archiveIfAny(_ path: String, limits: WorkerLimits) async throws -> ModelArchive? {
    if let archive = try plainArchive(path) { return archive }
    let key = Key(path)
    guard try OpenArchives.mayBePacked(path),
      case .archive(let archive) = try await WeightFile.openAny(path, limits: limits)
    else { return nil }
    kept.withLock { OpenArchives.keep(archive, as: key, in: &$0) }
    return archive
  }

  /// Whether a file may be a packed zoo: those are HDF5 files.
  private static func mayBePacked(_ path: String) throws -> Bool {
    if case .hdf5 = try Container.open(try OpenFile(reading: path)) { true } else { false }
  }

  /// A zip or tar archive, or a packed zoo that is open already; nil where the file is none, or it
  /// takes a worker to tell.
  func plainArchive(_ path: String) throws -> ModelArchive? {
    let key = Key(path)
    // Under the lock, so that several threads inflate a stream once.
    return try kept.withLock { kept in
      if let place = kept.firstIndex(where: { $0.key == key }) {
        let found = kept.remove(at: place)
        kept.append(found)
        return found.archive
      }
      do {
        switch try Container.open(try OpenFile(reading: path)) {
        case .archive(let content):
          let archive = ModelArchive(content, path: path)
          OpenArchives.keep(archive, as: key, in: &kept)
          return archive
        case .hdf5, .parsed, .kerasShards: return nil
        }
      } catch let error as Diagnostic { throw error.inside(path) }
    }
  }

  private static func keep(
    _ archive: ModelArchive, as key: Key, in kept: inout [(key: Key, archive: ModelArchive)]
  ) {
    kept.removeAll { $0.key.path == key.path }
    kept.append((key, archive))
    if kept.count > limit { kept.removeFirst() }
  }

  private static func noArchive(_ path: String) -> Diagnostic {
    Diagnostic(
      .badData, "this is one weight file, and no archive", at: [path],
      remedy: "leave out what stands after '#'")
  }
}

extension MemberPath {
  /// The archive, opened.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is none.
  public func openArchive(limits: WorkerLimits = WorkerLimits()) async throws -> ModelArchive {
    try await OpenArchives.shared.archive(archive, limits: limits)
  }
}

extension OpenFile {
  /// Opens a file, or a member of a zip or tar archive.
  static func opened(_ path: String) throws -> OpenFile {
    guard let place = MemberPath(path) else { return try OpenFile(reading: path) }
    guard let archive = try OpenArchives.shared.plainArchive(place.archive) else {
      throw Diagnostic(.noInput, "there is no such file", at: [path], remedy: "check the path")
    }
    return try archive.file(of: place.member)
  }
}
