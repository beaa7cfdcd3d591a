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
    var constant: [Double]?
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
      constants[name] = constant ?? node.attributes.values.lazy.compactMap(\.numbers).first
    }
    nodes.append(node)
  }

  /// Reads an `AttributeProto`.
  ///
  /// - Returns: the elements, where it is a small tensor.
  private static func add(
    attribute message: FileCursor, to node: inout Node, _ file: OpenFile
  ) throws -> [Double]? {
    var cursor = message
    var name = ""
    var numbers: [Double] = []
    var integers: [Int] = []
    var text: String?
    var constant: [Double]?
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
      case (5, .bytes(let tensor)): constant = try ONNXTensor(tensor).elements(in: file)
      default: break
      }
    }
    if let text {
      node.attributes[name] = .text(text)
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
          if part.number == 2 { value.shape = try shape(try part.message()) }
        }
      }
    }
    return value
  }

  private static func shape(_ message: FileCursor) throws -> [Int?] {
    var cursor = message
    // Zero stands for what is not known.
    var lengths: [Int] = []
    while let field = try cursor.nextField() {
      if field.number == 1 { lengths.append(try length(try field.message())) }
      if lengths.count > 64 { throw ONNXFile.damaged("a value has more than 64 axes") }
    }
    return lengths.map { $0 == 0 ? nil : $0 }
  }

  /// The length of an axis; zero where it is not known.
  private static func length(_ message: FileCursor) throws -> Int {
    var cursor = message
    var length = 0
    while let field = try cursor.nextField() {
      guard field.number == 1, case .varint(let value) = field.value else { continue }
      length = value < 1 << 62 ? Int(value) : 0
    }
    return length
  }
}

extension ONNXGraph.Attribute {
  /// The numbers, also where they are integers.
  public var numbers: [Double]? {
    switch self {
    case .integers(let list): list.map(Double.init)
    case .numbers(let list): list
    case .text: nil
    }
  }
}
