import Foundation
import Support
import WeightFiles

/// Where a walk looks for models: folders on disk, or the names in an archive.
protocol FileTree: Sendable {
  /// The names in a folder, in any order.
  func names(in folder: String) throws -> [String]
  /// What is in a folder under a name that cannot be kept.
  func unnameable(in folder: String) throws -> [FolderListing.Unnameable]
  /// What lies at a path; nil where there is nothing.
  func stamp(of path: String) -> FileStamp?
  /// The path of something in a folder.
  func path(_ name: String, in folder: String) -> String
  /// Whether a path is a symbolic link.
  func isLink(_ path: String) -> Bool
  /// Whether archives that are found are looked into.
  var hasArchives: Bool { get }
}

/// Folders on disk.
struct DiskTree: FileTree {
  var hasArchives: Bool { true }

  func names(in folder: String) throws -> [String] { try FolderListing(of: folder).names }

  func unnameable(in folder: String) throws -> [FolderListing.Unnameable] {
    try FolderListing(of: folder).unnameable
  }

  func stamp(of path: String) -> FileStamp? { FileStamp(of: path) }

  func path(_ name: String, in folder: String) -> String { folder + "/" + name }

  func isLink(_ path: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
  }
}

/// The folders that the names of an archive's members make up. Its root is the archive's path and `#`.
struct ArchiveTree: FileTree {
  /// The path of the root.
  let root: String
  private var folders: [String: Set<String>] = [:]
  private var stamps: [String: FileStamp] = [:]
  /// Members whose names are longer than paths can be: of each folder on the way a path would be kept.
  private(set) var tooLong: [String] = []

  var hasArchives: Bool { false }

  /// Takes the members of an archive.
  ///
  /// - Parameter stamp: the archive's own, which stands for members that have none.
  init(_ archive: ModelArchive, stamp: FileStamp) {
    root = archive.path + "#"
    folders[root] = []
    for member in archive.members {
      guard member.name.utf8.count < 4096 else {
        tooLong.append(member.name)
        continue
      }
      let steps = member.name.split(separator: "/").map(String.init)
      // Names that are no plain paths are no files of a zoo.
      guard !steps.isEmpty, steps.joined(separator: "/") == member.name,
        !steps.contains("."), !steps.contains("..")
      else { continue }
      var folder = root
      for step in steps.dropLast() {
        let next = path(step, in: folder)
        folders[folder, default: []].insert(step)
        if folders[next] == nil { folders[next] = [] }
        folder = next
      }
      folders[folder, default: []].insert(steps[steps.count - 1])
      stamps[path(steps[steps.count - 1], in: folder)] = FileStamp(
        kind: .file, byteCount: member.byteCount, modified: stamp.modified, inode: 0, device: 0,
        contents: member.stamp ?? "\(stamp.text):\(member.byteCount)")
    }
    for (number, folder) in folders.keys.sorted().enumerated() {
      stamps[folder] = FileStamp(
        kind: .folder, byteCount: 0, modified: stamp.modified, inode: UInt64(number),
        device: .max, contents: nil)
    }
  }

  func names(in folder: String) throws -> [String] { Array(folders[folder] ?? []) }

  func unnameable(in folder: String) throws -> [FolderListing.Unnameable] { [] }

  func stamp(of path: String) -> FileStamp? { stamps[path] }

  func path(_ name: String, in folder: String) -> String {
    folder == root ? folder + name : folder + "/" + name
  }

  func isLink(_ path: String) -> Bool { false }
}
