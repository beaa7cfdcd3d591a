import Archives
public import Catalogs
import Support

extension ONNXGraph {
  /// Reads a `NodeProto`, with the constant that it holds where it is one.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  mutating func add(node message: FileCursor, in file: OpenFile) throws {
    var cursor = message
    var node = Node()
    var constant: (elements: [Double], form: ConstantForm)?
    while let field = try cursor.nextField() {
      switch field.number {
      case 1: node.inputs.append(try field.text())
      case 2: node.outputs.append(try field.text())
      case 3: node.name = try field.text()
      case 4: node.operation = try field.text()
      case 5:
        if let values = try ONNXGraph.add(attribute: try field.message(), to: &node, file) {
          constant = values
        }
      case 7: node.domain = try field.text()
      default: break
      }
    }
    if node.operation == "Constant", let name = node.outputs.first {
      constants[name] =
        constant?.elements ?? node.attributes.values.lazy.compactMap(\.numbers).first
      constantForms[name] = constant?.form ?? node.constantForm
    }
    if node.operation == "ConstantOfShape", let constant {
      node.attributes["value"] = .numbers(constant.elements)
    }
    nodes.append(node)
  }

  /// Reads an `AttributeProto`.
  ///
  /// - Returns: the elements, where it is a small tensor.
  private static func add(
    attribute message: FileCursor, to node: inout Node, _ file: OpenFile
  ) throws -> (elements: [Double], form: ConstantForm)? {
    var cursor = message
    var name = ""
    var numbers: [Double] = []
    var integers: [Int] = []
    var text: String?
    var texts: [String] = []
    var constant: (elements: [Double], form: ConstantForm)?
    while let field = try cursor.nextField() {
      switch (field.number, field.value) {
      case (1, _): name = try field.text()
      case (2, .fixed32(let bits)), (7, .fixed32(let bits)):
        numbers.append(Double(Float(bitPattern: bits)))
      case (7, .bytes(var packed)):
        while packed.remaining > 0 {
          numbers.append(Double(Float(bitPattern: try packed.field(UInt32.self))))
        }
      case (3, .varint(let value)), (8, .varint(let value)):
        integers.append(Int(Int64(bitPattern: value)))
      case (8, .bytes(var packed)):
        while packed.remaining > 0 { integers.append(Int(Int64(bitPattern: try packed.varint()))) }
      case (4, .bytes(var bytes)) where bytes.remaining <= 4096:
        text = String(decoding: try bytes.bytes(bytes.remaining), as: UTF8.self)
      case (9, .bytes(var bytes)) where bytes.remaining <= 4096 && texts.count < 64:
        texts.append(String(decoding: try bytes.bytes(bytes.remaining), as: UTF8.self))
      case (5, .bytes(let message)):
        let tensor = try ONNXTensor(message)
        constant = try tensor.elements(in: file).map { ($0, tensor.form) }
      default: break
      }
    }
    if let text {
      node.attributes[name] = .text(text)
    } else if !texts.isEmpty {
      node.attributes[name] = .texts(texts)
    } else if !numbers.isEmpty {
      node.attributes[name] = .numbers(numbers)
    } else if constant == nil {
      node.attributes[name] = .integers(integers)
    }
    return constant
  }

  /// Reads a `ValueInfoProto`.
  static func value(_ message: FileCursor) throws -> Value {
    var cursor = message
    var value = Value(name: "", shape: nil)
    while let field = try cursor.nextField() {
      if field.number == 1 { value.name = try field.text() }
      guard field.number == 2 else { continue }
      var type = try field.message()
      while let part = try type.nextField() {
        guard part.number == 1 else { continue }
        var tensor = try part.message()
        while let part = try tensor.nextField() {
          if part.number == 1, case .varint(let type) = part.value {
            // 1, 10, 11, 16: floating-point numbers.
            value.isInteger = ![1, 10, 11, 16].contains(type)
          }
          guard part.number == 2 else { continue }
          let lengths = try shape(try part.message())
          value.shape = lengths.map(\.length)
          value.lengthNames = lengths.contains { $0.name != nil } ? lengths.map(\.name) : []
        }
      }
    }
    return value
  }

  private static func shape(
    _ message: FileCursor
  ) throws -> [(length: Int?, name: String?)] {
    var cursor = message
    var lengths: [(Int?, String?)] = []
    while let field = try cursor.nextField() {
      if field.number == 1 { lengths.append(try length(try field.message())) }
      if lengths.count > 64 { throw ONNXFile.damaged("a value has more than 64 axes") }
    }
    return lengths
  }

  /// The length of an axis, or the name that the model has for it.
  private static func length(_ message: FileCursor) throws -> (Int?, String?) {
    var cursor = message
    var result: (Int?, String?) = (nil, nil)
    while let field = try cursor.nextField() {
      switch (field.number, field.value) {
      // Zero stands for what is not known.
      case (1, .varint(let value)): result.0 = value > 0 && value < 1 << 62 ? Int(value) : nil
      case (2, _):
        let name = try field.text()
        result.1 = name.isEmpty ? nil : name
      default: break
      }
    }
    return result
  }
}

extension ONNXGraph.Node {
  /// The form of a constant that is a setting, `value_float` or another; nil where it is none.
  var constantForm: ONNXGraph.ConstantForm? {
    guard let (name, setting) = attributes.first(where: { $0.value.numbers != nil }),
      let numbers = setting.numbers
    else { return nil }
    return ONNXGraph.ConstantForm(
      shape: name.hasSuffix("s") ? [numbers.count] : [], isInteger: name.hasPrefix("value_int"))
  }
}

extension ONNXGraph.Attribute {
  /// The numbers, also where they are integers.
  public var numbers: [Double]? {
    switch self {
    case .integers(let list): list.map(Double.init)
    case .numbers(let list): list
    case .text, .texts: nil
    }
  }
}
