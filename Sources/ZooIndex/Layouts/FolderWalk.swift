import Formats
import Foundation
import Support
import WeightFiles

/// Finds the models below some paths without opening a file: names and stamps decide.
struct FolderWalk {
  /// Which states of a trial are models.
  enum Epochs: Sendable, Hashable {
    /// The last checkpoint.
    case last
    /// All checkpoints.
    case all
    /// The one of that number.
    case number(Int)
  }

  private let epochs: Epochs
  private let layout: LayoutSpec?
  /// What was found.
  private(set) var units: [ModelUnit] = []
  /// What could not be looked at.
  private(set) var failures: [IndexFailure] = []
  private var visited: Set<[UInt64]> = []
  /// What stands before a model's path below what is walked.
  private(set) var prefix = ""
  /// Where it looks.
  let tree: any FileTree

  /// Walks some files and folders.
  ///
  /// - Throws: `Diagnostic` of code `noInput` where a path names nothing.
  init(_ paths: [String], epochs: Epochs, layout: LayoutSpec? = nil) throws {
    self.epochs = epochs
    self.layout = layout
    tree = DiskTree()
    var seen: Set<String> = []
    for path in paths {
      let absolute = FolderWalk.absolute(path)
      guard seen.insert(absolute).inserted else { continue }
      prefix = absolute + "/"
      guard let stamp = FileStamp(of: absolute) else {
        throw Diagnostic(
          .noInput, "there is no such file or folder", at: [path], remedy: "check the path")
      }
      if stamp.kind == .folder { visit(absolute) } else { addFile(absolute) }
    }
    // The same file may lie below two of the paths.
    var known: Set<String> = []
    units = units.filter { known.insert($0.path).inserted }
  }

  /// Walks the names in an archive.
  ///
  /// - Parameter stamp: the archive's.
  init(_ archive: ModelArchive, stamp: FileStamp, epochs: Epochs, layout: LayoutSpec?) {
    self.epochs = epochs
    self.layout = layout
    let members = ArchiveTree(archive, stamp: stamp)
    tree = members
    failures = members.tooLong.map { name in
      IndexFailure(
        file: members.path(String(name.prefix(256)) + "…", in: members.root),
        reason: "its name of \(name.utf8.count) bytes is longer than any path", code: .badData)
    }
    prefix = members.root
    visit(members.root)
  }

  /// A path from the root, without links in its folders and without `.` and `..`.
  static func absolute(_ path: String) -> String {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let folder = url.deletingLastPathComponent().resolvingSymlinksInPath().path
    if path == "/" || url.lastPathComponent == "/" { return "/" }
    return (folder as NSString).appendingPathComponent(url.lastPathComponent)
  }

  /// A folder that is being walked.
  private struct Level {
    var folder: String
    /// What is still to be looked at.
    var names: ArraySlice<String>
    var documents: [ModelUnit.Document]
  }

  /// Paths of so many bytes the system does not take.
  private static let longestPath = 4096

  /// Walks a folder and those in it, each at its place in the order of names. Folders may lie in each
  /// other as deep as paths can be long.
  private mutating func visit(_ folder: String) {
    var levels = enter(folder).map { [$0] } ?? []
    while var level = levels.popLast() {
      guard let name = level.names.popFirst() else { continue }
      levels.append(level)
      let path = tree.path(name, in: level.folder)
      guard !tree.hasArchives || path.utf8.count < FolderWalk.longestPath else {
        failures.append(
          IndexFailure(
            file: path, reason: "its path is longer than the system takes", code: .noInput))
        continue
      }
      // One look at each name: a folder of a zoo may have very many.
      if tree.stamp(of: path)?.kind == .folder {
        // Links to files are followed, links to folders are not.
        if !tree.isLink(path), let next = enter(path) { levels.append(next) }
      } else if WeightNames.isWeightFile(name) {
        addFile(path, documents: level.documents)
      } else if tree.hasArchives, WeightFileName.isArchive(name) {
        addFile(path)
      }
    }
  }

  /// Takes in what a folder is as a whole; nil where nothing in it is to be looked at any more.
  private mutating func enter(_ folder: String) -> Level? {
    guard let stamp = tree.stamp(of: folder),
      visited.insert([stamp.device, stamp.inode]).inserted
    else { return nil }
    let names: [String]
    do { names = try tree.names(in: folder).sorted() } catch {
      failures.append(
        IndexFailure(file: folder, reason: "this folder may not be read", code: .noInput))
      return nil
    }
    noteUnnameable(in: folder)
    let shown = names.filter { !$0.hasPrefix(".") }
    if shown.contains("snapshots"), shown.contains("blobs") || shown.contains("refs") {
      addCache(folder)
      return nil
    }
    if addTrial(folder, shown) { return nil }
    var rest = shown
    addPacked(folder, &rest)
    addFolderModels(folder, &rest)
    // What a model of the folder has taken, another file beside it has not been trained by.
    let documents = documents(in: folder, rest).filter {
      rest.count == shown.count || $0.role == .parameters
    }
    let isAlone = rest.lazy.filter(WeightNames.isWeightFile).prefix(2).count == 1
    return Level(folder: folder, names: rest[...], documents: isAlone ? documents : [])
  }

  /// Lists the weight files, archives and folders that cannot be indexed because of their names.
  private mutating func noteUnnameable(in folder: String) {
    for item in (try? tree.unnameable(in: folder)) ?? []
    where !item.shown.hasPrefix(".")
      && (item.isFolder || WeightNames.isWeightFile(item.shown)
        || WeightFileName.isArchive(item.shown))
    {
      failures.append(
        IndexFailure(
          file: tree.path(item.shown, in: folder),
          reason: "\(FolderListing.reason); \(FolderListing.remedy)", code: .noInput))
    }
  }

  /// Takes in a unit, with the stamps of its files.
  mutating func add(_ unit: ModelUnit, files: [String]) {
    var unit = unit
    let stamps = (files + unit.documents.map(\.path)).map { path in
      tree.stamp(of: path).map { ($0.text, $0.byteCount) } ?? ("gone", 0)
    }
    // The name as well: of a trial it depends on which of its checkpoints are models.
    unit.stamp = ([unit.name] + stamps.map(\.0)).joined(separator: ";")
    unit.byteCount = stamps.prefix(files.count).reduce(0) { $0 + $1.1 }
    // The pattern is about what is in an archive, not about its own name.
    let isArchive = tree.hasArchives && WeightFileName.isArchive(unit.path)
    guard let layout, !isArchive, unit.path + "/" != prefix else { return units.append(unit) }
    guard let labels = layout.labels(of: unit.path, after: prefix) else { return }
    unit.pathLabels = labels
    units.append(unit)
  }

  private mutating func addFile(_ path: String, documents: [ModelUnit.Document] = []) {
    let name = (path as NSString).lastPathComponent
    let unit = ModelUnit(
      path: path, layout: .file, name: WeightNames.stem(name), place: WeightNames.stem(path),
      documents: documents)
    add(unit, files: [path])
  }

  /// Which checkpoints of a trial are models.
  func chosen(_ checkpoints: [(number: Int, name: String)]) -> [(number: Int, name: String)] {
    let ordered = checkpoints.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
    return switch epochs {
    case .last: ordered.suffix(1)
    case .all: ordered
    case .number(let number): ordered.filter { $0.number == number }
    }
  }
}
