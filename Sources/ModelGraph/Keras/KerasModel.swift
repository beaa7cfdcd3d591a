import Support

/// One output of one call of a layer, as a configuration refers to it.
struct KerasReference: Hashable {
  var layer: String
  var call: Int
  var output: Int
  /// The shape that the configuration records for it, without the batch axis (Keras 3).
  var shape: [Int?]?
}

/// One layer of a configuration.
struct KerasLayer {
  var className: String
  var name: String
  var attributes: KerasAttributes
  /// What each call of the layer reads. Empty for inputs and in sequential models.
  var calls: [[KerasReference]]
  /// What each call is given, as far as it is no output of a layer, and under which names.
  var arguments: [KerasArguments]
  /// What the masks of each call are computed from.
  var masks: [[KerasReference]]
  /// The model, where the layer is one.
  var model: KerasModel?
  /// The shape that the layer was built to read, where the configuration records it (Keras 3).
  var builtShape: [Int?]?
  /// Whether it is a function of `keras.ops`, not a layer: some have the names of layers.
  var isOperation = false
  /// Where the weights of the layer lie below those of its model: `conv2d_1`.
  var storageName = ""
}

/// A model's configuration, of any version.
struct KerasModel {
  var name: String
  var isSequential: Bool
  var layers: [KerasLayer]
  var inputs: [KerasReference]
  var outputs: [KerasReference]
  /// The shape of one example, where the model itself records it.
  var inputShape: [Int?]?

  /// The deepest nesting of models in models.
  private static let deepest = 32

  /// Reads a configuration.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is no configuration of a sequential or
  ///   functional model.
  init(_ document: JSONValue, depth: Int = 0) throws {
    guard depth <= Self.deepest else {
      throw Diagnostic(.badData, "models are nested more than \(Self.deepest) deep")
    }
    let className = KerasModel.plainClassName(document["class_name"]?.string ?? "")
    // Keras 1 and early 2 write the layers of a sequential model without anything around them.
    let list = document["config"]?["layers"]?.array ?? document["config"]?.array
    guard let list, list.allSatisfy({ $0.object != nil }) else {
      throw Diagnostic(
        .badData,
        "the configuration of the \(className.isEmpty ? "model" : className) lists no layers: "
          + "only sequential and functional models describe themselves",
        remedy: Remedies.describeNetwork)
    }
    name = document["config"]?["name"]?.string ?? "model"
    let ownName = name
    layers = try list.enumerated().map { index, item in
      do {
        return try KerasLayer(item, index: index, depth: depth)
      } catch let error as Diagnostic {
        throw error.inside(item["name"]?.string ?? item["config"]?["name"]?.string ?? ownName)
      }
    }
    let isFunctional = className == "Functional" || className == "Model"
    isSequential =
      className == "Sequential" || (!isFunctional && !layers.contains { !$0.calls.isEmpty })
    inputs = KerasReference.list(document["config"]?["input_layers"])
    outputs = KerasReference.list(document["config"]?["output_layers"])
    inputShape = KerasAttributes.exampleShape(
      document["config"]?["build_input_shape"] ?? document["build_config"]?["input_shape"])

    var used: [String: Int] = [:]
    for index in layers.indices {
      let base = KerasModel.snakeCase(layers[index].className)
      let number = used[base, default: 0]
      used[base] = number + 1
      layers[index].storageName = number == 0 ? base : "\(base)_\(number)"
    }
  }

  /// The class without the package that registered it: `Custom>Block` is `Block`.
  static func plainClassName(_ name: String) -> String {
    name.split(separator: ">").last.map(String.init) ?? name
  }

  /// `BatchNormalization` as Keras writes it in paths: an underscore before a capital that follows
  /// a small letter, and before the last of several capitals.
  static func snakeCase(_ name: String) -> String {
    let letters = Array(name.filter { $0.isLetter || $0.isNumber || $0 == "_" })
    var result = ""
    for (index, letter) in letters.enumerated() {
      let isCapital = letter.isUppercase
      let followsSmall = index > 0 && letters[index - 1].isLowercase
      let beginsWord =
        index > 0 && index + 1 < letters.count && letters[index + 1].isLowercase
      if isCapital, index > 0, followsSmall || beginsWord, result.last != "_" { result += "_" }
      result += letter.lowercased()
    }
    return result
  }
}

extension KerasLayer {
  fileprivate init(_ item: JSONValue, index: Int, depth: Int) throws {
    className = KerasModel.plainClassName(item["class_name"]?.string ?? "")
    name =
      item["name"]?.string ?? item["config"]?["name"]?.string
      ?? "\(KerasModel.snakeCase(className))_\(index)"
    attributes = KerasAttributes(values: item["config"]?.object ?? [:])
    calls = (item["inbound_nodes"]?.array ?? []).map { KerasReference.list($0) }
    arguments = (item["inbound_nodes"]?.array ?? []).map { KerasArguments($0) }
    masks = (item["inbound_nodes"]?.array ?? []).map {
      KerasReference.list($0["kwargs"]?["mask"])
    }
    builtShape = KerasAttributes.exampleShape(item["build_config"]?["input_shape"])
    let module = item["module"]?.string ?? ""
    isOperation = module.hasPrefix("keras.src.ops") || module.hasPrefix("keras.ops")
    let isModel = ["Sequential", "Functional", "Model"].contains(className)
    model = isModel ? try KerasModel(item, depth: depth + 1) : nil
  }
}

extension KerasReference {
  /// The references inside a value, in order: `["dense", 0, 0, {}]` of Keras 1 and 2 or
  /// `__keras_tensor__` objects of Keras 3, at any depth (which the parser bounds).
  static func list(_ value: JSONValue?) -> [KerasReference] {
    switch value {
    case .array(let items):
      if let reference = KerasReference(items, shape: nil) {
        // Other arguments of the call may be outputs of layers too (`y` of x + y).
        return [reference] + (items.count == 4 ? list(items[3]) : [])
      }
      return items.flatMap { list($0) }
    case .object(let members):
      if members["class_name"]?.string == "__keras_tensor__" {
        let config = members["config"]
        let shape = KerasAttributes.exampleShape(config?["shape"])
        let history = config?["keras_history"]?.array ?? []
        return KerasReference(history, shape: shape).map { [$0] } ?? []
      }
      // A call: positional arguments, then the others; a mask is no data.
      let rest = members.filter { !["args", "kwargs", "mask"].contains($0.key) }
      return list(members["args"]) + list(members["kwargs"])
        + rest.sorted { $0.key < $1.key }.flatMap { list($0.value) }
    default: return []
    }
  }

  private init?(_ items: [JSONValue], shape: [Int?]?) {
    guard items.count == 3 || items.count == 4, let layer = items[0].string,
      let call = items[1].integer, let output = items[2].integer
    else { return nil }
    self.init(layer: layer, call: call, output: output, shape: shape)
  }
}
