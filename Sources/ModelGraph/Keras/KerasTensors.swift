import Catalogs
import Support

/// Where a layer stands: the names and storage names of the models around it, its own last, then
/// the parts of it that hold weights (`cell`, `forward_layer`).
struct KerasPath: Hashable {
  var names: [String]
  var storage: [String]
  var parts: [String] = []

  /// A layer inside.
  func appending(_ layer: KerasLayer) -> KerasPath {
    KerasPath(names: names + [layer.name], storage: storage + [layer.storageName])
  }

  /// A part of the layer.
  func part(_ name: String) -> KerasPath {
    var copy = self
    copy.parts.append(name)
    return copy
  }
}

/// Finds the tensors of a layer in a file.
struct KerasTensors {
  /// A tensor, and the name that its layer gave it, where the file keeps it: `kernel`.
  struct Candidate {
    var entry: TensorEntry
    var variable: String
    /// The path inside the layer's group.
    var components: [String]
  }

  private let catalog: Catalog
  /// The tensors by name.
  private let entries: [String: TensorEntry]
  /// What stands before layers' paths, with a slash: empty, or `model_weights/`.
  private let prefix: String
  /// Whether tensors are numbered below attribute paths (Keras 3), not named.
  let isNumbered: Bool
  /// For the numbered: the storage path by the path of the model and the layer's own name.
  private var storageByName: [String: String] = [:]
  /// For the numbered: the word between a model and its layers.
  private let layersWord: String
  private var groupMembers: [String: [TensorEntry]] = [:]

  init(_ catalog: Catalog) {
    self.catalog = catalog
    // Keras on Windows wrote paths with backslashes, which are parts of names to HDF5.
    entries = Dictionary(
      catalog.tensors.map { (Self.slashed($0.name), $0) }, uniquingKeysWith: { a, _ in a })
    let words = ["layers", "_layer_checkpoint_dependencies"]
    let names = catalog.tensors.map { Self.slashed($0.name) }
    let numbered = words.first { word in
      names.contains { name in
        name.contains("/vars/") && (name.hasPrefix(word + "/") || name.contains("/" + word + "/"))
      }
    }
    isNumbered = numbered != nil
    layersWord = numbered ?? "layers"
    if isNumbered {
      let word = layersWord
      let whole = names.first { $0.contains("/vars/") && !$0.hasPrefix(word + "/") }
      if names.contains(where: { $0.hasPrefix(word + "/") }) {
        prefix = ""
      } else if let whole, let range = whole.firstRange(of: "/" + word + "/") {
        prefix = String(whole[..<range.lowerBound]) + "/"
      } else {
        prefix = ""
      }
      for (path, attributes) in catalog.attributes {
        let path = Self.slashed(path)
        guard path.hasSuffix("/vars"), case .string(let name)? = attributes["name"]
        else { continue }
        let storage = path.dropLast("/vars".count)
        guard let slash = storage.lastIndex(of: "/") else { continue }
        storageByName[storage[..<slash] + "|" + name] = String(storage)
      }
    } else {
      let isWhole =
        names.contains { $0.hasPrefix("model_weights/") }
        || catalog.groups.contains("model_weights")
      prefix = isWhole ? "model_weights/" : ""
      for entry in catalog.tensors where entry.name.hasPrefix(prefix) {
        let rest = entry.name.dropFirst(prefix.count)
        guard let slash = rest.firstIndex(of: "/") else { continue }
        groupMembers[String(rest[..<slash]), default: []].append(entry)
      }
    }
  }

  /// The layers in the order of the file, where it keeps their names.
  var layerNames: [String]? {
    catalog.texts("layer_names", of: prefix.isEmpty ? "" : String(prefix.dropLast()))
  }

  /// The tensors of a layer, in the order in which the layer saved them.
  ///
  /// - Parameter byStorage: whether to go by the names of storage alone, not by layers' own.
  func candidates(at path: KerasPath, byStorage: Bool = false) -> [Candidate] {
    isNumbered ? numbered(at: path, byStorage) : named(at: path)
  }

  /// The names of all tensors of a layer, whatever they are.
  func everything(at path: KerasPath, byStorage: Bool = false) -> [String] {
    guard isNumbered else { return candidates(at: path).map(\.entry.name) }
    let place = place(of: path, byStorage) + "/"
    return catalog.tensors.map(\.name).filter { Self.slashed($0).hasPrefix(place) }
  }

  private static func slashed(_ name: String) -> String {
    name.utf8.contains(0x5C) ? name.replacing("\\", with: "/") : name
  }

  // MARK: Keras 3

  private func numbered(at path: KerasPath, _ byStorage: Bool) -> [Candidate] {
    let place = place(of: path, byStorage)
    var result: [Candidate] = []
    while let entry = entries["\(place)/vars/\(result.count)"] {
      result.append(Candidate(entry: entry, variable: "", components: []))
    }
    return result
  }

  private func place(of path: KerasPath, _ byStorage: Bool) -> String {
    var place = prefix.isEmpty ? "" : String(prefix.dropLast())
    for (name, storage) in zip(path.names, path.storage) {
      let parent = place.isEmpty ? layersWord : place + "/" + layersWord
      let known = byStorage ? nil : storageByName[parent + "|" + name]
      place = known ?? parent + "/" + storage
    }
    for part in path.parts { place += "/" + part }
    return place
  }

  // MARK: Keras 1 and 2, and Keras 3 in the old format

  private func named(at path: KerasPath) -> [Candidate] {
    guard let group = path.names.first else { return [] }
    var all = members(of: group).filter { !$0.components.contains("seed_generator") }
    if path.names.count > 1 { all = innerMembers(all, path) }
    for part in path.parts {
      guard part == "forward_layer" || part == "backward_layer" else {
        all = all.filter { $0.components.dropLast().last == part }
        continue
      }
      let word = part == "forward_layer" ? "forward_" : "backward_"
      let marked = all.filter { $0.components.contains { $0.hasPrefix(word) } }
      if marked.isEmpty, all.count % 2 == 0 {
        let half = all.count / 2
        all = Array(part == "forward_layer" ? all.prefix(half) : all.suffix(half))
      } else {
        all = marked
      }
    }
    return all
  }

  /// Of the tensors of a whole model, those of one layer inside. Models name their layers' tensors
  /// with or without the models around them: the ones with the fewest foreign names and the most of
  /// the layer's own surroundings are meant.
  private func innerMembers(_ all: [Candidate], _ path: KerasPath) -> [Candidate] {
    guard let own = path.names.last else { return [] }
    let around = Set(path.names.dropLast())
    var ranked: [(foreign: Int, known: Int, candidate: Candidate)] = []
    for candidate in all {
      guard let place = candidate.components.dropLast().lastIndex(of: own) else { continue }
      let before = candidate.components[..<place]
      let known = before.filter { around.contains($0) }.count
      ranked.append((before.count - known, known, candidate))
    }
    guard let best = ranked.map({ ($0.foreign, -$0.known) }).min(by: <) else { return [] }
    return ranked.filter { ($0.foreign, -$0.known) == best }.map(\.candidate)
  }

  private func members(of group: String) -> [Candidate] {
    let base = prefix + group + "/"
    if let names = catalog.texts("weight_names", of: prefix + group) {
      return names.compactMap { name in
        entries[Self.slashed(base + name)].map { candidate($0, path: name) }
      }
    }
    return (groupMembers[group] ?? []).map {
      candidate($0, path: String($0.name.dropFirst(base.count)))
    }
  }

  private func candidate(_ entry: TensorEntry, path: String) -> Candidate {
    var components = path.split(separator: "/").map(String.init)
    if let last = components.popLast() {
      components.append(last.split(separator: ":").first.map(String.init) ?? last)
    }
    return Candidate(entry: entry, variable: components.last ?? "", components: components)
  }
}
