import Archives
import Catalogs
import Foundation
import Support
import WeightFiles

/// Finds the labels that a model's own files tell.
enum LabelReading {
  /// Longer texts and lists are documents, not labels.
  private static let textLimit = 1024
  private static let listLimit = 64
  private static let documentLimit = 256 << 20
  /// What PEFT writes beside an adapter; also a text of a file's own.
  static let adapterDocument = "adapter_config.json"
  /// Attributes that describe the file, not the model.
  static let containers: Set<String> = [
    "layer_names", "keras_version", "backend", "model_config", "training_config",
    "recipe_sha256", "producer", "fingerprint", "parameters", "name", "parent", "parent_sha256",
    adapterDocument,
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

  /// The labels of the documents beside a model. One that is damaged, or gone by now, tells nothing.
  ///
  /// - Returns: the labels, and what a person should know of them.
  static func labels(of unit: ModelUnit) -> (labels: [Label], notes: [String]) {
    var labels: [Label] = []
    var notes: [String] = []
    for document in unit.documents {
      let origin = (document.path as NSString).lastPathComponent
      do {
        switch document.role {
        case .parameters: labels += facts(try json(document), origin)
        case .adapter: labels += adapter(try json(document))
        case .training: labels += TrainerState(try json(document)).labels
        case .results:
          let results = TrialResults(try bytes(document.path), name: origin)
          let found = results.found(for: unit)
          labels += found.labels
          notes += (results.note.map { [$0] } ?? []) + (found.note.map { [$0] } ?? [])
        case .columns, .table: break
        }
      } catch let error as Diagnostic {
        notes.append("\(origin) tells nothing: \(error.message)")
      } catch {
        notes.append("\(origin) tells nothing: \(error)")
      }
    }
    return (labels, notes)
  }

  private static func json(_ document: ModelUnit.Document) throws -> JSONValue {
    try PythonJSON.parse(try bytes(document.path))
  }

  /// What an adapter's configuration tells. PEFT keeps the modules as a set, and writes it in any order.
  static func adapter(_ json: JSONValue) -> [Label] {
    var members = json.object ?? [:]
    for name in ["target_modules", "exclude_modules"] {
      let modules = members[name]?.array?.compactMap(\.string)
      if let modules { members[name] = .array(modules.sorted().map(JSONValue.string)) }
    }
    return facts(.object(members), adapterDocument)
  }

  /// The scalars of a document, and its short lists of them.
  static func facts(_ json: JSONValue, _ origin: String) -> [Label] {
    let lists = (json.object ?? [:]).sorted { $0.key < $1.key }.compactMap {
      name, value -> Label? in
      guard let items = value.array, !items.isEmpty, items.count <= listLimit else { return nil }
      let texts = items.compactMap(IndexValue.init).map(\.text)
      let text = texts.joined(separator: ",")
      guard texts.count == items.count, text.utf8.count <= textLimit else { return nil }
      return Label(name, .text(text), origin: origin)
    }
    return scalars(json, origin) + lists
  }

  static func scalars(_ json: JSONValue, _ origin: String) -> [Label] {
    (json.object ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
      guard let cell = IndexValue(value), cell.text.utf8.count <= textLimit else { return nil }
      return Label(name, cell, origin: origin)
    }
  }

  /// The contents of a document of bounded size.
  static func bytes(_ path: String) throws -> [UInt8] {
    try DocumentFile.contents(of: path, limit: documentLimit)
  }
}
