import Foundation

extension FolderWalk {
  /// A folder of Hugging Face's cache: `models--owner--name` with blobs, refs and snapshots.
  mutating func addCache(_ folder: String) {
    var name = (folder as NSString).lastPathComponent
    if name.hasPrefix("models--") {
      name = name.dropFirst(8).split(separator: "-", omittingEmptySubsequences: false)
        .joined(separator: "-").replacing("--", with: "/")
    }
    let snapshots = folder + "/snapshots"
    var files: [String] = []
    for snapshot in FolderWalk.names(in: snapshots) {
      for file in FolderWalk.names(in: snapshots + "/" + snapshot)
      where WeightNames.isWeightFile(file) || file.hasSuffix(".json") {
        files.append("\(snapshots)/\(snapshot)/\(file)")
      }
    }
    add(
      ModelUnit(path: folder, layout: .cache, name: name), files: files + [folder + "/refs/main"])
  }

  /// A trial of Ray Tune; false where the folder is none.
  mutating func addTrial(_ folder: String, _ names: [String]) -> Bool {
    guard names.contains("params.json") || names.contains("result.json") else { return false }
    let checkpoints = names.compactMap { name -> (number: Int, name: String)? in
      guard name.hasPrefix("checkpoint_"), let number = Int(name.dropFirst(11)) else { return nil }
      return (number, name)
    }
    guard !checkpoints.isEmpty else { return false }
    var documents: [ModelUnit.Document] = []
    if names.contains("params.json") {
      documents.append(.init(role: .parameters, path: folder + "/params.json"))
    }
    if names.contains("result.json") {
      documents.append(.init(role: .results, path: folder + "/result.json"))
    }
    let trial = (folder as NSString).lastPathComponent
    let all = chosen(checkpoints)
    for (number, name) in all {
      let path = folder + "/" + name
      let files = FolderWalk.names(in: path).filter {
        WeightNames.isWeightFile($0) || $0 == "checkpoints"
      }
      add(
        ModelUnit(
          path: path, layout: .trial, name: all.count == 1 ? trial : trial + "/" + name,
          epoch: number, documents: documents), files: files.map { path + "/" + $0 })
    }
    return true
  }

  /// An array whose rows are models, with its tables.
  mutating func addPacked(_ folder: String, _ names: inout [String]) {
    guard names.contains("weights.npy"), names.contains("layout.csv") else { return }
    var documents = [ModelUnit.Document(role: .columns, path: folder + "/layout.csv")]
    for name in ["metrics.csv", "metrics.csv.gz"] where names.contains(name) {
      documents.append(.init(role: .table, path: folder + "/" + name))
      break
    }
    names.removeAll { $0 == "weights.npy" }
    add(
      ModelUnit(
        path: folder + "/weights.npy", layout: .packed,
        name: (folder as NSString).lastPathComponent, documents: documents),
      files: [folder + "/weights.npy"])
  }

  /// A model that is a folder: an index of shards, shards without one, or a file under one of the
  /// names that Hugging Face's libraries look for.
  mutating func addFolderModels(_ folder: String, _ names: inout [String]) {
    let shards = names.filter { WeightNames.isShard($0) && WeightNames.isWeightFile($0) }
    let main =
      WeightNames.preferred.first(where: names.contains)
      ?? names.first { $0.hasSuffix(".index.json") && !shards.isEmpty }
    guard main != nil || !shards.isEmpty else { return }
    let configuration = names.contains("config.json") ? [folder + "/config.json"] : []
    let isIndexed = main?.hasSuffix(".index.json") ?? true
    let files = isIndexed ? shards + (main.map { [$0] } ?? []) : [main ?? ""]
    let path = main.map { folder + "/" + $0 } ?? folder
    // A file beside the configuration goes by the folder's name, as its users know it.
    let name = (folder as NSString).lastPathComponent
    add(
      ModelUnit(
        path: path, layout: .folder, name: name,
        documents: configuration.map { .init(role: .parameters, path: $0) }),
      files: files.map { folder + "/" + $0 })
    names.removeAll {
      shards.contains($0) || WeightNames.preferred.contains($0) || WeightNames.copies.contains($0)
    }
  }

  /// The names in a folder, in order; none where it may not be read.
  static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}
