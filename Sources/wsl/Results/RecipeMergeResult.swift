import Merging
import Reports
import Support
import Tensors
import WeightFiles

/// What `wsl merge --recipe` says.
struct RecipeMergeResult: Encodable {
  struct Source: Encodable {
    var file: String
    /// Whether differences are counted from it, or it is the end at t = 0.
    var isBase: Bool
  }

  struct Shard: Encodable {
    var file: String
    var bytes: Int
    var tensors: Int
  }

  var command = "merge"
  var recipe: String
  var output: String
  var method: String
  var base: String?
  var compat = "mergekit"
  var sources: [Source]
  var tensors: Int
  var parameters: Int
  var layers: Int?
  var elementTypes: [String]
  /// The files of the result where it is a folder.
  var shards: [Shard] = []
  var seconds = 0.0
  var seed: UInt64
  var warnings: [String] = []
}

extension RecipeMergeResult.Shard {
  init(_ shard: WrittenShard) {
    self.init(file: shard.file, bytes: shard.byteCount, tensors: shard.tensorCount)
  }
}

extension RecipeMergeResult {
  init(_ merger: MergekitMerger, recipe: String, output: String, seed: UInt64) {
    self.recipe = recipe
    self.output = output
    self.seed = seed
    let own = merger.recipe
    method = own.methodName
    base = own.base
    sources = own.models.map { Source(file: $0, isBase: $0 == own.base) }
    tensors = merger.tensorCount
    parameters = merger.parameterCount
    layers = merger.layerCount > 0 ? merger.layerCount : nil
    elementTypes = merger.elementTypes.map(\.rawValue)
  }

  /// The result for a person.
  var text: String {
    let names = sources.map { source in
      "  " + source.file.escapingControlCharacters + (source.isBase ? " (base)" : "")
    }
    let depth = layers.map { ", \($0) layers" } ?? ""
    let files =
      shards.count > 1
      ? ": \(shards.count) files, the largest \(ByteCount.text(shards.map(\.bytes).max() ?? 0))"
      : ""
    return "merged by \(method) (mergekit's recipe) of\n" + names.joined(separator: "\n")
      + "\n\n\(tensors) tensors, \(NumberFormat.grouped(parameters)) parameters\(depth), "
      + elementTypes.joined(separator: " and ")
      + "\nwritten: \(output.escapingControlCharacters)\(files)"
  }
}
