import Support
import Tensors

/// A model's `config.json`, as far as a merge has to know and to change it.
struct ModelConfiguration: Sendable {
  private let members: [String: JSONValue]

  private static let layerKeys = [
    "num_hidden_layers", "n_layer", "num_layers", "n_layers",
  ]
  private static let typeKeys = ["torch_dtype", "dtype"]
  private static let typeNames: [ElementType: String] = [
    .float32: "float32", .float16: "float16", .bfloat16: "bfloat16", .float64: "float64",
  ]

  /// Reads the document.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is no JSON object.
  init(parsing bytes: [UInt8]) throws {
    guard let members = try JSONValue(parsing: bytes).object else {
      throw Diagnostic(.badData, "the configuration is no JSON object", at: ["config.json"])
    }
    self.members = members
  }

  private var layerKey: String? { Self.layerKeys.first { members[$0]?.integer != nil } }

  /// How many layers it tells; nil where it does not.
  var layerCount: Int? { layerKey.flatMap { members[$0]?.integer } }

  /// The document of a result.
  ///
  /// - Parameters:
  ///   - layers: for each layer of the result the configuration of the model that it comes from, and its
  ///     place there. Empty where layers are not known.
  ///   - elementType: the type of all its tensors; nil where they have several.
  /// - Throws: `Diagnostic` where it has a list with a value a layer that cannot be made anew.
  func document(
    layers: [(configuration: ModelConfiguration?, index: Int)], elementType: ElementType?
  ) throws -> [UInt8] {
    var members = members
    if let elementType, let name = Self.typeNames[elementType] {
      for key in Self.typeKeys where members[key] != nil { members[key] = .string(name) }
      if !Self.typeKeys.contains(where: { members[$0] != nil }) {
        members[Self.typeKeys[0]] = .string(name)
      }
    }
    let isSame = layers.enumerated().allSatisfy { $0.offset == $0.element.index }
    guard !layers.isEmpty, let layerKey, layers.count != layerCount || !isSame else {
      return try JSONValue.object(members).encoded() + [0x0A]
    }
    for (key, value) in members {
      guard key.contains("layer"), let list = value.array, list.count == layerCount else {
        continue
      }
      members[key] = .array(
        try layers.map { layer in
          guard let own = layer.configuration?.members[key]?.array,
            own.indices.contains(layer.index)
          else {
            throw Diagnostic(
              .badData, "its list has no value for layer \(layer.index) of every model",
              at: ["config.json", key])
          }
          return own[layer.index]
        })
    }
    members[layerKey] = .number(Double(layers.count))
    return try JSONValue.object(members).encoded() + [0x0A]
  }
}
