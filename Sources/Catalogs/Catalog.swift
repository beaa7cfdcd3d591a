/// What a weight file holds: everything but the tensors' data.
public struct Catalog: Sendable {
  /// The kind of container.
  public enum Format: String, Sendable, Hashable {
    case hdf5
    case keras
    case safetensors
    case pytorch
    /// One array, `.npy`.
    case numpy
    case npz
    case onnx
    case gguf
  }

  /// A value of an attribute.
  public enum Attribute: Sendable, Hashable {
    case string(String)
    case strings([String])
    case numbers([Double])
  }

  /// The file's path as the user gave it.
  public var file: String
  /// The paths of the files that make up the model: the file itself, then the further files that
  /// hold tensors, which `TensorEntry.part` counts.
  public var parts: [String]
  /// The kind of container.
  public var format: Format
  /// What wrote the file: `Keras 3.15.1 (jax)`.
  public var producer: String?
  /// The size of the file; of all its files together where there are several.
  public var byteCount: Int
  /// The tensors, in the file's own order.
  public var tensors: [TensorEntry]
  /// The groups of the file, in the file's own order, without the root.
  public var groups: [String]
  /// Further names of groups that lead back to what they are in, by name, with the name under which the
  /// group is listed. Other links are followed: what they name is listed under each name.
  public var aliases: [String: String]
  /// Whether offsets count in the files themselves. False where a `.keras` archive holds its weights
  /// compressed, or the whole file is: it is inflated when it is opened, and offsets count in the
  /// result.
  public var isAddressable: Bool
  /// Attributes by object path (the root is the empty string), then by name.
  public var attributes: [String: [String: Attribute]]
  /// Documents beside the tensors, by name: `config.json` and `metadata.json` of a `.keras` file,
  /// `config.json` or `params.json` of a model's folder.
  public var documents: [String: [UInt8]]
  /// What is in the file and not offered.
  public var skipped: [Skipped]
  /// The tensors of which some bytes may belong to something in the file that is not offered, too: to
  /// change one would change that.
  package var sharedBeside: Set<String> = []
  /// Tensors that are one in the file, by what the file itself says (links of HDF5): each further name
  /// with the first one. See `sharedStorage`.
  public var linkedTensors: [String: String] = [:]
  /// What the file says that the network computes, where it is an ONNX model.
  public var onnxGraph: ONNXGraph?
  /// What this tool keeps in the file beside the model: see `WeightFile.attachment()`.
  public var attachment: Attachment?

  /// Makes a catalogue.
  public init(
    file: String, format: Format, producer: String? = nil, byteCount: Int,
    tensors: [TensorEntry], groups: [String] = [],
    attributes: [String: [String: Attribute]] = [:], documents: [String: [UInt8]] = [:],
    skipped: [Skipped] = [], aliases: [String: String] = [:], isAddressable: Bool = true,
    parts: [String]? = nil
  ) {
    self.file = file
    self.parts = parts ?? [file]
    self.format = format
    self.producer = producer
    self.byteCount = byteCount
    self.tensors = tensors
    self.groups = groups
    self.attributes = attributes
    self.documents = documents
    self.skipped = skipped
    self.aliases = aliases
    self.isAddressable = isAddressable
  }

  /// The tensor of that name, also by way of a group that leads back.
  ///
  /// - Complexity: O(tensors).
  public func tensor(named name: String) -> TensorEntry? {
    let name = resolved(name)
    return tensors.first { $0.name == name }
  }

  /// The name under which an object is listed. Groups may lead back to themselves, so that the number
  /// of steps is bounded.
  private func resolved(_ name: String) -> String {
    var name = name
    for _ in 0..<16 where !aliases.isEmpty {
      if let target = aliases[name] { return target }
      let steps = name.split(separator: "/")
      let found = steps.indices.dropFirst().first {
        aliases[steps[..<$0].joined(separator: "/")] != nil
      }
      guard let count = found, let target = aliases[steps[..<count].joined(separator: "/")] else {
        break
      }
      let rest = steps[count...].joined(separator: "/")
      name = target.isEmpty ? rest : target + "/" + rest
    }
    return name
  }

  /// A text attribute of an object.
  public func text(_ name: String, of object: String = "") -> String? {
    switch attributes[object]?[name] {
    case .string(let text): text
    case .strings(let list) where list.count == 1: list[0]
    default: nil
    }
  }

  /// A list of texts of an object, joined from its parts where Keras split it (`layer_names0`,
  /// `layer_names1`, …, for lists of more than 64 512 bytes).
  public func texts(_ name: String, of object: String = "") -> [String]? {
    let own = attributes[object] ?? [:]
    if let whole = Catalog.list(own[name]) { return whole }
    var parts: [String] = []
    var index = 0
    while let part = Catalog.list(own[name + String(index)]) {
      parts += part
      index += 1
    }
    return index == 0 ? nil : parts
  }

  private static func list(_ attribute: Attribute?) -> [String]? {
    switch attribute {
    case .string(let text): [text]
    case .strings(let list): list
    case .numbers(let numbers) where numbers.isEmpty: []
    default: nil
    }
  }
}
