import Formats
import Support
import Tensors

/// What the `.metadata` of a distributed checkpoint says.
struct DistributedMetadata {
  /// One tensor.
  struct Tensor {
    /// The name of its type: `float32`.
    var type: String
    var shape: [Int]
    var pieces: [Piece]
    /// The type, where it is one that is read.
    var elementType: ElementType? { PickleSymbols.elementType(type) }
  }

  /// A box of a tensor, and the range of a file that holds it as a file of PyTorch's own.
  struct Piece {
    var offsets: [Int]
    var shape: [Int]
    var file: String
    var range: Range<Int>
  }

  private struct Place: Hashable {
    var tensor: String
    var offsets: [Int]
  }

  private struct Stored {
    var file: String
    var range: Range<Int>
    var isTransformed: Bool
  }

  /// Dictionaries within dictionaries.
  private static let deepestPath = 24

  private(set) var machine: PickleMachine
  private var descriptions: [PickleMachine.Member] = []
  private var places: [String: PickleReference] = [:]
  private var paths: [String: [String]] = [:]
  private var stored: [Place: Stored] = [:]

  /// Takes what the pickle described.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is something else.
  init(_ machine: PickleMachine, root: PickleReference) throws {
    self.machine = machine
    let members = attributes(root)
    guard let tensors = members["state_dict_metadata"], case .dictionary = machine[tensors],
      let storage = members["storage_data"], case .dictionary(let entries) = machine[storage]
    else {
      throw Diagnostic(
        .badData, "this is no description of a distributed checkpoint of PyTorch",
        remedy: "name the checkpoint's folder")
    }
    descriptions = machine.members(of: tensors)
    for description in descriptions { places[description.key] = description.value }
    if let planner = members["planner_data"] {
      for member in machine.members(of: planner) {
        paths[member.key] = machine.elements(of: member.value)?.compactMap(machine.text)
      }
    }
    for (key, value) in machine.dictionaries[entries] {
      let index = attributes(key)
      let info = attributes(value)
      guard let name = index["fqn"].flatMap(machine.text),
        let file = info["relative_path"].flatMap(machine.text),
        let start = integer(info["offset"]), let count = integer(info["length"]), start >= 0,
        count >= 0, start <= .max - count
      else { throw Self.damaged("where its pieces lie") }
      let transforms = info["transform_descriptors"].flatMap(machine.elements(of:)) ?? []
      let offsets = index["offset"].flatMap(machine.integers(of:)) ?? []
      stored[Place(tensor: name, offsets: offsets)] = Stored(
        file: file, range: start..<(start + count), isTransformed: !transforms.isEmpty)
    }
  }

  /// The tensors as the dictionaries in dictionaries that were saved, each with its full name in the
  /// place of the storage. They are added to the machine.
  mutating func nestedTensors() -> PickleReference {
    machine.dictionaries.append([])
    let top = machine.dictionaries.count - 1
    var known: [[String]: Int] = [:]
    for description in descriptions where attributes(description.value)["properties"] != nil {
      let name = description.key
      var path = paths[name] ?? [name]
      if path.count > Self.deepestPath { path = [name] }
      guard let last = path.popLast() else { continue }
      var place = top
      for count in path.indices {
        let prefix = Array(path[...count])
        if let inner = known[prefix] {
          place = inner
          continue
        }
        machine.dictionaries.append([])
        let inner = machine.dictionaries.count - 1
        append(path[count], .dictionary(inner), to: place)
        known[prefix] = inner
        place = inner
      }
      let stand = PickleTensor(
        storage: PickleStorage(key: name, kind: "", count: 0), offset: 0, shape: [], strides: [])
      append(last, .tensor(stand), to: place)
    }
    machine.push(.dictionary(top))
    return PickleReference(machine.nodes.count - 1)
  }

  private mutating func append(_ key: String, _ node: PickleNode, to dictionary: Int) {
    machine.push(.text(key))
    machine.push(node)
    let count = PickleReference(machine.nodes.count)
    machine.dictionaries[dictionary].append((count - 2, count - 1))
  }

  /// What is said of a tensor; nil where it is none.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  func tensor(_ name: String) throws -> Tensor? {
    guard let place = places[name] else { return nil }
    let members = attributes(place)
    guard let properties = members["properties"], let type = typeName(properties) else {
      return nil
    }
    guard let shape = members["size"].flatMap(machine.integers(of:)),
      let chunks = members["chunks"].flatMap(machine.elements(of:)),
      shape.allSatisfy({ $0 >= 0 })
    else { throw Self.damaged("its shape") }
    let pieces = try chunks.map { chunk -> Piece in
      let parts = attributes(chunk)
      guard let offsets = parts["offsets"].flatMap(machine.integers(of:)),
        let sizes = parts["sizes"].flatMap(machine.integers(of:)), offsets.count == shape.count,
        sizes.count == shape.count,
        shape.indices.allSatisfy({
          offsets[$0] >= 0 && sizes[$0] >= 0 && offsets[$0] <= shape[$0]
            && sizes[$0] <= shape[$0] - offsets[$0]
        })
      else { throw Self.damaged("its pieces") }
      guard let stored = stored[Place(tensor: name, offsets: offsets)] else {
        throw Self.damaged("where its pieces lie")
      }
      guard !stored.isTransformed else {
        throw Diagnostic(
          .badData, "its pieces were compressed or encrypted by an extension, and are not read",
          remedy: "turn the checkpoint into one file where it was written: "
            + "torch.distributed.checkpoint.format_utils.dcp_to_torch_save")
      }
      return Piece(offsets: offsets, shape: sizes, file: stored.file, range: stored.range)
    }
    return Tensor(type: type, shape: shape, pieces: pieces)
  }

  /// The element type among the properties of a tensor: a tuple of old, a dictionary otherwise.
  private func typeName(_ properties: PickleReference) -> String? {
    guard case .object(let object) = machine[properties],
      let state = machine.objects[object].state
    else { return nil }
    let symbol: PickleReference?
    switch machine[state] {
    case .tuple(let parts): symbol = parts.first
    default: symbol = attributes(properties)["dtype"]
    }
    guard let symbol, case .symbol(let name) = machine[symbol] else { return nil }
    return name.hasPrefix("torch.") ? String(name.dropFirst(6)) : name
  }

  private func attributes(_ reference: PickleReference) -> [String: PickleReference] {
    guard case .object(let object) = machine[reference] else { return [:] }
    return Dictionary(
      machine.attributes(of: machine.objects[object]).map { ($0.key, $0.value) },
      uniquingKeysWith: { $1 })
  }

  private func integer(_ reference: PickleReference?) -> Int? {
    guard let reference, case .integer(let value) = machine[reference] else { return nil }
    return value
  }

  private static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(
      .badData, "the checkpoint's description does not say \(what) in a way that makes sense",
      remedy: "copy or download it again")
  }
}
