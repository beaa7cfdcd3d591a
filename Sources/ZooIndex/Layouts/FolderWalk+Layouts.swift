import Formats
import Foundation
import Support

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
      ModelUnit(
        path: folder, layout: .cache, name: name, place: tree.path(name, in: folder.folderOfPath)),
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
          name: all.count == 1 ? trial : trial + "/" + name,
          place: all.count == 1 ? place(of: folder) : place(of: folder) + "/" + name, epoch: number,
          checkpoint: name,
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
        name: self.name(of: folder), place: place(of: folder), documents: documents),
      files: [tree.path("weights.npy", in: folder)])
  }

  /// A model that is a folder: an index of shards, shards without one, or a file under one of the
  /// names that Hugging Face's libraries look for; and an adapter under the name that PEFT gives it.
  mutating func addFolderModels(_ folder: String, _ names: inout [String]) {
    let documents = documents(in: folder, names)
    let shards = names.filter { WeightNames.isShard($0) && WeightNames.isWeightFile($0) }
    let main =
      WeightNames.preferred.first(where: names.contains)
      ?? names.first { $0.hasSuffix(".index.json") && !shards.isEmpty }
    let isModel = main != nil || !shards.isEmpty
    addAdapter(folder, &names, documents, isBesideModel: isModel)
    guard isModel else { return }
    let isIndexed = main?.hasSuffix(".index.json") ?? true
    let files = isIndexed ? shards + (main.map { [$0] } ?? []) : [main ?? ""]
    let path = main.map { tree.path($0, in: folder) } ?? folder
    // A file beside the configuration goes by the folder's name, as its users know it.
    add(
      ModelUnit(
        path: path, layout: .folder, name: name(of: folder), place: place(of: folder),
        documents: documents.filter { $0.role != .adapter }),
      files: files.map { tree.path($0, in: folder) })
    names.removeAll {
      shards.contains($0) || WeightNames.preferred.contains($0) || WeightNames.copies.contains($0)
    }
  }

  /// An adapter goes by its folder's name, too, unless a whole model does.
  private mutating func addAdapter(
    _ folder: String, _ names: inout [String], _ documents: [ModelUnit.Document],
    isBesideModel: Bool
  ) {
    guard let file = WeightNames.adapters.first(where: names.contains) else { return }
    let end = isBesideModel ? "/" + WeightNames.stem(file) : ""
    let own = documents.filter { $0.role == .adapter }
    let path = tree.path(file, in: folder)
    add(
      ModelUnit(
        path: path, layout: isBesideModel ? .file : .folder, name: name(of: folder) + end,
        place: place(of: folder) + end, documents: isBesideModel ? own : documents),
      files: [path])
    names.removeAll(where: WeightNames.adapters.contains)
  }

  /// The documents of a folder that tell of the weights beside them, by what libraries call them.
  func documents(in folder: String, _ names: [String]) -> [ModelUnit.Document] {
    let results =
      names.contains("all_results.json")
      ? ["all_results.json"] : ["train_results.json", "eval_results.json"]
    let roles: [(name: String, role: ModelUnit.Document.Role)] =
      [("config.json", .parameters), (LabelReading.adapterDocument, .adapter)]
      + results.map { ($0, .parameters) } + [(TrainerState.name, .training)]
    return roles.filter { names.contains($0.name) }.map {
      .init(role: $0.role, path: tree.path($0.name, in: folder))
    }
  }

  /// The names in a folder, in order; none where it may not be read.
  func names(in folder: String) -> [String] { ((try? tree.names(in: folder)) ?? []).sorted() }

  /// The path that a folder's name is the end of.
  private func place(of folder: String) -> String {
    guard !tree.hasArchives, folder == prefix else { return folder }
    return prefix.folderOfPath + "/" + name(of: folder)
  }

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
