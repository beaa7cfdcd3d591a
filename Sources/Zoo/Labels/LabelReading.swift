import Foundation
import WeightFiles
import WorkbenchCore

/// Finds the labels that a model's own files tell.
enum LabelReading {
  /// Longer texts and lists are documents, not labels.
  private static let textLimit = 1024
  private static let listLimit = 64
  private static let documentLimit = 256 << 20
  /// Attributes that describe the file, not the model.
  static let containers: Set<String> = [
    "layer_names", "keras_version", "backend", "model_config", "training_config",
    "recipe_sha256", "producer", "fingerprint", "parameters", "name", "parent", "parent_sha256",
  ]

  /// The labels among the attributes of a file's root: of an HDF5 file, or the metadata of a
  /// safetensors or GGUF file.
  static func labels(of catalog: Catalog) -> [Label] {
    let origin = catalog.format == .hdf5 || catalog.format == .keras ? "attributes" : "metadata"
    return (catalog.attributes[""] ?? [:]).sorted { $0.key < $1.key }.flatMap { name, value in
      containers.contains(name) ? [] : labels(name, value, origin: origin)
    }
  }

  static func labels(
    _ name: String, _ value: Catalog.Attribute, origin: String
  ) -> [Label] {
    switch value {
    case .string(let text):
      guard text.utf8.count <= textLimit else { return [] }
      // Metadata of safetensors are texts, also where they mean numbers.
      let cell = origin == "metadata" ? IndexValue(cell: text) : .text(text)
      return [Label(name, cell, origin: origin)]
    case .strings(let list):
      guard list.count <= listLimit else { return [] }
      return [Label(name, .text(list.joined(separator: ",")), origin: origin)]
    case .numbers(let numbers):
      if numbers.count == 1 { return [Label(name, IndexValue(number: numbers[0]), origin: origin)] }
      guard numbers.count <= listLimit, !numbers.isEmpty, !name.hasPrefix("history_") else {
        return []
      }
      let texts = numbers.map { IndexValue(number: $0).text }
      return [Label(name, .text(texts.joined(separator: ",")), origin: origin)]
    }
  }

  /// One width for a network whose layers all have it.
  static func width(of labels: [Label]) -> Label? {
    guard let widths = labels.first(where: { $0.name == "widths" }),
      !labels.contains(where: { $0.name == "width" })
    else { return nil }
    let list = Set(widths.value.text.split(separator: ","))
    guard list.count == 1, let width = list.first else { return nil }
    return Label("width", IndexValue(cell: width), origin: widths.origin)
  }

  /// The labels of the documents beside a model.
  ///
  /// - Throws: `Diagnostic` of code `badData`, with the document's name.
  static func labels(of unit: ModelUnit) throws -> [Label] {
    try unit.documents.flatMap { document -> [Label] in
      let origin = (document.path as NSString).lastPathComponent
      do {
        switch document.role {
        case .parameters: return scalars(try PythonJSON.parse(try bytes(document.path)), origin)
        case .results: return try results(document.path, epoch: unit.epoch, origin)
        case .columns, .table: return []
        }
      } catch let error as Diagnostic {
        throw error.inside(origin)
      }
    }
  }

  static func scalars(_ json: JSONValue, _ origin: String) -> [Label] {
    (json.object ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
      guard let cell = IndexValue(value), cell.text.utf8.count <= textLimit else { return nil }
      return Label(name, cell, origin: origin)
    }
  }

  /// The results of an epoch: the line that says it is of that one, or the one in its place, or the
  /// last. A line that was being written when the trial was killed does not count.
  private static func results(_ path: String, epoch: Int?, _ origin: String) throws -> [Label] {
    let text = try bytes(path)
    var lines = text.split(separator: 0x0A).map { $0 }
    if lines.count > 1, text.last != 0x0A, (try? PythonJSON.parse(lines[lines.count - 1])) == nil {
      lines.removeLast()
    }
    guard let last = lines.last else { return [] }
    func labels(_ line: ArraySlice<UInt8>) throws -> [Label] {
      var labels = scalars(try PythonJSON.parse(line), origin)
      let value = { (name: String) in labels.first { $0.name == name }?.value.number }
      if let train = value("train_acc"), let test = value("test_acc") {
        labels.append(Label("ggap", .real(train - test), origin: origin))
      }
      return labels
    }
    guard let epoch else { return try labels(last) }
    let likely = [epoch - 1, epoch].filter(lines.indices.contains)
    for index in likely + [lines.count - 1] {
      let found = try labels(lines[index])
      if found.first(where: { $0.name == "training_iteration" })?.value == .integer(Int64(epoch)) {
        return found
      }
    }
    // A file that does not say: its first line is the first epoch.
    let place = epoch >= 1 && epoch <= lines.count ? epoch - 1 : lines.count - 1
    return try labels(lines[place])
  }

  /// The contents of a document of bounded size.
  static func bytes(_ path: String) throws -> [UInt8] {
    try DocumentFile.contents(of: path, limit: documentLimit)
  }
}
