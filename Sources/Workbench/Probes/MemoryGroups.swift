import Catalogs
import Probes
import Support
import ZooIndex

/// Layers in groups that fit memory, so that each is read once.
enum MemoryGroups {
  /// The groups, in the order of the layers.
  ///
  /// - Throws: `Diagnostic` of code `failed` where one layer alone does not fit.
  static func of(
    _ layers: [(layer: ModelLayers.Layer, rank: Int?)], models: Int, memory: Int
  ) throws -> [[(layer: ModelLayers.Layer, rank: Int?)]] {
    var groups: [[(layer: ModelLayers.Layer, rank: Int?)]] = []
    var left = 0
    for layer in layers {
      // Once as it is read, once as a stack of what is left.
      let (bytes, overflows) = (8 * models).multipliedReportingOverflow(
        by: LayerReading.stride(layer.layer, layer.rank))
      guard !overflows, bytes <= memory else {
        throw Diagnostic(
          .failed,
          "layer \(layer.layer.name) of \(models) models takes \(bytes) bytes of memory, and "
            + "\(memory) are allowed",
          remedy: "allow more memory, or choose another layer")
      }
      if groups.isEmpty || bytes > left {
        groups.append([])
        left = memory
      }
      groups[groups.count - 1].append(layer)
      left -= bytes
    }
    return groups
  }
}

/// What the index knows of the files of models.
enum ModelCatalogs {
  /// The catalogues of models: their tensors, and what wrote them.
  static func of(_ ids: [Int64], in index: ZooIndex) throws -> [Catalog] {
    var query = IndexQuery()
    query.columns = ["id", "producer"]
    var producers: [Int64: String] = [:]
    for row in try index.ask(query).rows {
      if case .integer(let id) = row[0], row[1] != .null { producers[id] = row[1].text }
    }
    return try zip(ids, index.tensors(of: ids)).map { id, tensors in
      Catalog(
        file: "", format: .safetensors, producer: producers[id], byteCount: 0, tensors: tensors)
    }
  }
}
