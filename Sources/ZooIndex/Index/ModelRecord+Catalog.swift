import Catalogs
import ModelGraph
import Support
import Tensors

extension ModelRecord {
  /// What a catalogue tells.
  init(_ unit: ModelUnit, _ catalog: Catalog) {
    let graph = try? ModelGraph(catalog)
    var counts: [ElementType: Int] = [:]
    for entry in catalog.tensors { counts[entry.elementType, default: 0] += entry.elementCount }
    let common = counts.max {
      ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue)
    }
    let unread = catalog.unreadTensors
    let stored = catalog.tensors.reduce(0) {
      $0 + ($1.elementType.isFloatingPoint ? $1.elementCount : 0)
    }
    self.init(
      name: catalog.text("name").flatMap { $0.isEmpty ? nil : $0 } ?? unit.name, file: unit.path,
      place: unit.place, format: catalog.format, producer: catalog.producer,
      parameters: graph?.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) } ?? stored,
      byteCount: catalog.tensors.reduce(0) { $0 &+ $1.byteCount }
        &+ unread.reduce(0) { $0 &+ ($1.tensor?.byteCount ?? 0) },
      elementType: common?.key ?? .float32, fingerprint: graph?.fingerprint,
      architecture: graph?.source, structure: ModelRecord.structure(catalog.tensors),
      parent: catalog.text("parent"), parentHash: catalog.text("parent_sha256"),
      skippedCount: catalog.skipped.count, parts: catalog.parts,
      isAddressable: catalog.isAddressable, partByteCount: catalog.byteCount,
      tensors: catalog.tensors.map { TensorRecord(entry: $0, hash: nil) },
      head: HeadCode(catalog),
      unread: unread.map { UnreadTensorRecord(object: $0, hash: nil) }, labels: [])
  }

  /// A hash of the names, types and shapes of tensors: 16 hexadecimal digits.
  static func structure(_ tensors: [TensorEntry]) -> String {
    let lines = tensors.map { "\($0.name) \($0.elementType.rawValue) \($0.shape)" }.sorted()
    let digest = SHA256.digest(of: lines.joined(separator: "\n"))
    return digest.prefix(8).hexadecimal
  }

  /// A hash of what all tensors hold but an optimiser's, whatever their names and order; nil where one
  /// was not read. A tensor whose bytes are not to be had is like none of another file.
  static func content(
    _ tensors: [TensorRecord], _ unread: [UnreadTensorRecord] = [], of file: String = ""
  ) -> [UInt8]? {
    var lines: [String] = []
    for tensor in tensors where tensor.entry.role != .optimiserState {
      guard let hash = tensor.hash else { return nil }
      lines.append(
        "\(tensor.entry.elementType.rawValue) \(tensor.entry.shape) \(hash.hexadecimal)")
    }
    for tensor in unread where TensorRole(ofTensorNamed: tensor.object.name) != .optimiserState {
      let known = tensor.object.tensor
      let shape = known?.shape.map { "\($0)" } ?? "?"
      let bytes = tensor.hash?.hexadecimal ?? "\(tensor.object.name) of \(file)"
      lines.append("not read: \(known?.dtype ?? "?") \(shape) \(bytes)")
    }
    let digest = SHA256.digest(of: lines.sorted().joined(separator: "\n"))
    return Array(digest.prefix(16))
  }
}
