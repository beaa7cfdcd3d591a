import Catalogs
import Tensors

/// A constant that a node holds.
struct ONNXConstant {
  /// What it is, in one of the forms that it has.
  enum Content {
    case tensor(ONNXTensor)
    /// With why it is not read, and the kind of tensor that it is, if it is one.
    case unread(String, dtype: String? = nil)
  }

  /// The value that it makes; empty where the node is none that makes constants.
  var value: String
  /// The name under which it is offered.
  var name: String
  /// What it is.
  var content: Content

  /// The tensor under that name; nil where it is not read.
  var tensor: ONNXTensor? {
    guard case .tensor(var tensor) = content else { return nil }
    tensor.name = name
    return tensor
  }

  /// What is known of it where it is a tensor that is not read.
  var unread: UnreadTensor? {
    guard case .unread(_, let dtype?) = content else { return nil }
    return UnreadTensor(dtype: dtype)
  }

  /// Why it is not offered.
  var reason: String {
    if case .unread(let reason, _) = content { return reason }
    return "a constant of a node, which is not offered as a weight"
  }

  /// Whether it holds several floating-point numbers, and may be a weight.
  var isLarge: Bool {
    guard case .tensor(let tensor) = content else { return true }
    return tensor.elementType?.isFloatingPoint != false && tensor.elementCount ?? 0 > 1
  }
}

extension ONNXConstant.Content {
  /// The numbers that are a node's setting, `value_float` or another; nil for other settings.
  init?(_ node: ONNXGraph.Node, attribute name: String) {
    let setting = node.attributes[name]
    switch name {
    case "value_float", "value_floats":
      // An empty list does not tell its type.
      guard let numbers = setting?.numbers else { return nil }
      let bits = numbers.map { UInt64(Float($0).bitPattern) }
      self = .tensor(
        ONNXTensor(typeCode: 1, lengths: name == "value_float" ? [] : [Int64(bits.count)], bits))
    case "value_int", "value_ints":
      guard case .integers(let numbers)? = setting else { return nil }
      self = .tensor(
        ONNXTensor(
          typeCode: 7, lengths: name == "value_int" ? [] : [Int64(numbers.count)],
          numbers.map { UInt64(bitPattern: Int64($0)) }))
    case "value_string", "value_strings": self = .unread("texts are no tensor")
    default: return nil
    }
  }
}
