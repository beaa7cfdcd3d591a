import Foundation
import WeightFiles

extension FolderWalk {
  /// A folder of Hugging Face's cache: `models--owner--name` with blobs, refs and snapshots.
  mutating func addCache(_ folder: String) {
    var name = (folder as NSString).lastPathComponent
    if name.hasPrefix("models--") {
      name = name.dropFirst(8).split(separator: "-", omittingEmptySubsequences: false)
        .joined(separator: "-").replacing("--", with: "/")
    }
    let snapshots = tree.path("snapshots", in: folder)
    var files: [String] = []
    for snapshot in names(in: snapshots) {
      for file in names(in: snapshots + "/" + snapshot)
      where WeightNames.isWeightFile(file) || file.hasSuffix(".json") {
        files.append("\(snapshots)/\(snapshot)/\(file)")
      }
    }
    add(
      ModelUnit(path: folder, layout: .cache, name: name),
      files: files + [tree.path("refs", in: folder) + "/main"])
  }

  /// A trial of Ray Tune; false where the folder is none.
  mutating func addTrial(_ folder: String, _ names: [String]) -> Bool {
    let results = ["result.json", "progress.csv"].first(where: names.contains)
    guard names.contains("params.json") || results != nil else { return false }
    let checkpoints = names.compactMap { name -> (number: Int, name: String)? in
      guard name.hasPrefix("checkpoint_"), let number = Int(name.dropFirst(11)) else { return nil }
      return (number, name)
    }
    guard !checkpoints.isEmpty else { return false }
    var documents: [ModelUnit.Document] = []
    if names.contains("params.json") {
      documents.append(.init(role: .parameters, path: tree.path("params.json", in: folder)))
    }
    if let results {
      documents.append(.init(role: .results, path: tree.path(results, in: folder)))
    }
    let trial = self.name(of: folder)
    let all = chosen(checkpoints)
    for (number, name) in all {
      let path = tree.path(name, in: folder)
      let files = self.names(in: path).filter {
        WeightNames.isWeightFile($0) || $0 == "checkpoints"
      }.map { path + "/" + $0 }
      // Inside an archive a folder cannot be opened, and its one file can.
      let isOne = !tree.hasArchives && files.count == 1
      add(
        ModelUnit(
          path: isOne ? files[0] : path, layout: .trial,
          name: all.count == 1 ? trial : trial + "/" + name, epoch: number, checkpoint: name,
          documents: documents),
        files: files)
    }
    return true
  }

  /// An array whose rows are models, with its tables.
  mutating func addPacked(_ folder: String, _ names: inout [String]) {
    guard names.contains("weights.npy"), names.contains("layout.csv") else { return }
    var documents = [ModelUnit.Document(role: .columns, path: tree.path("layout.csv", in: folder))]
    for name in ["metrics.csv", "metrics.csv.gz"] where names.contains(name) {
      documents.append(.init(role: .table, path: tree.path(name, in: folder)))
      break
    }
    names.removeAll { $0 == "weights.npy" }
    add(
      ModelUnit(
        path: tree.path("weights.npy", in: folder), layout: .packed,
        name: self.name(of: folder), documents: documents),
      files: [tree.path("weights.npy", in: folder)])
  }

  /// A model that is a folder: an index of shards, shards without one, or a file under one of the
  /// names that Hugging Face's libraries look for.
  mutating func addFolderModels(_ folder: String, _ names: inout [String]) {
    let shards = names.filter { WeightNames.isShard($0) && WeightNames.isWeightFile($0) }
    let main =
      WeightNames.preferred.first(where: names.contains)
      ?? names.first { $0.hasSuffix(".index.json") && !shards.isEmpty }
    guard main != nil || !shards.isEmpty else { return }
    let configuration = names.contains("config.json") ? [tree.path("config.json", in: folder)] : []
    let isIndexed = main?.hasSuffix(".index.json") ?? true
    let files = isIndexed ? shards + (main.map { [$0] } ?? []) : [main ?? ""]
    let path = main.map { tree.path($0, in: folder) } ?? folder
    // A file beside the configuration goes by the folder's name, as its users know it.
    let name = self.name(of: folder)
    add(
      ModelUnit(
        path: path, layout: .folder, name: name,
        documents: configuration.map { .init(role: .parameters, path: $0) }),
      files: files.map { tree.path($0, in: folder) })
    names.removeAll {
      shards.contains($0) || WeightNames.preferred.contains($0) || WeightNames.copies.contains($0)
    }
  }

  /// The names in a folder, in order; none where it may not be read.
  func names(in folder: String) -> [String] { ((try? tree.names(in: folder)) ?? []).sorted() }

  /// The name of a folder; of an archive's root, the archive's without its ending.
  private func name(of folder: String) -> String {
    if tree.hasArchives { return (folder as NSString).lastPathComponent }
    guard folder == prefix else {
      return (String(folder.dropFirst(prefix.count)) as NSString).lastPathComponent
    }
    let name = (String(prefix.dropLast()) as NSString).lastPathComponent
    let ending = WeightFileName.archiveEndings.filter(name.lowercased().hasSuffix).map(\.count)
      .max()
    return String(name.dropLast(ending ?? 0))
  }
}
