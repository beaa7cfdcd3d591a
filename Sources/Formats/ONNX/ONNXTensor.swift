import Archives
import Catalogs
import Support
import Tensors

/// A `TensorProto`: its header, and where its elements are.
struct ONNXTensor {
  var name = ""
  private(set) var lengths: [Int64] = []
  private(set) var typeCode: UInt64 = 0
  private(set) var isExternal = false
  private(set) var location: [String: String] = [:]
  private(set) var runs: [(field: Int, range: Range<Int>)] = []
  private(set) var numbers: [Int: [UInt64]] = [:]
  private(set) var isSegmented = false

  /// A tensor of numbers in their own field, as their bits.
  init(typeCode: UInt64, lengths: [Int64], _ bits: [UInt64]) {
    self.typeCode = typeCode
    self.lengths = lengths
    numbers = Self.types[typeCode].map { [field(of: $0): bits] } ?? [:]
  }

  /// Reads the message; elements are skipped over, but for those that are varints.
  init(_ message: FileCursor) throws {
    var cursor = message
    while let field = try cursor.nextField() {
      switch (field.number, field.value) {
      case (1, .varint(let length)): lengths.append(Int64(bitPattern: length))
      case (1, .bytes(var packed)):
        while packed.remaining > 0 { lengths.append(Int64(bitPattern: try packed.varint())) }
      case (2, .varint(let code)): typeCode = code
      case (3, _): isSegmented = true
      case (8, _): name = try field.text()
      case (13, .bytes(let message)):
        let (key, value) = try ONNXTensor.pair(message)
        location[key] = value
      case (14, .varint(let place)):
        guard place <= 1 else { throw ONNXFile.damaged("its data location \(place) is unknown") }
        isExternal = place == 1
      case (4, .bytes(let data)), (9, .bytes(let data)), (10, .bytes(let data)):
        runs.append((field.number, data.position..<data.end))
      case (5, .bytes(var packed)), (7, .bytes(var packed)), (11, .bytes(var packed)):
        while packed.remaining > 0 {
          numbers[field.number, default: []].append(try packed.varint())
        }
      case (4, .fixed32(let bits)): numbers[4, default: []].append(UInt64(bits))
      case (10, .fixed64(let bits)): numbers[10, default: []].append(bits)
      case (5, .varint(let value)), (7, .varint(let value)), (11, .varint(let value)):
        numbers[field.number, default: []].append(value)
      default: break
      }
    }
  }

  /// A `StringStringEntryProto`.
  static func pair(_ message: FileCursor) throws -> (String, String) {
    var cursor = message
    var (key, value) = ("", "")
    while let field = try cursor.nextField() {
      if field.number == 1 { key = try field.text() }
      if field.number == 2 { value = try field.text() }
    }
    return (key, value)
  }

  private static let types: [UInt64: ElementType] = [
    1: .float32, 2: .uint8, 3: .int8, 4: .uint16, 5: .int16, 6: .int32, 7: .int64, 9: .bool,
    10: .float16, 11: .float64, 12: .uint32, 13: .uint64, 16: .bfloat16, 17: .float8E4M3,
    18: .float8E4M3FNUZ, 19: .float8E5M2, 20: .float8E5M2FNUZ,
  ]
  private static let otherNames: [UInt64: String] = [
    0: "UNDEFINED", 8: "STRING", 14: "COMPLEX64", 15: "COMPLEX128", 21: "UINT4", 22: "INT4",
    23: "FLOAT4E2M1", 24: "FLOAT8E8M0", 25: "UINT2", 26: "INT2", 27: "FLOAT6E2M3",
    28: "FLOAT6E3M2",
  ]

  /// How many elements the shape has; nil where it is damaged.
  var elementCount: Int? {
    let shape = lengths.compactMap { $0 < 0 ? nil : Int(exactly: $0) }
    return shape.count == lengths.count ? checkedProduct(shape) : nil
  }
  /// The type of the elements, where it is read.
  var elementType: ElementType? { Self.types[typeCode] }
  /// ONNX's name of the type.
  var typeName: String { elementType?.rawValue ?? Self.otherNames[typeCode] ?? "\(typeCode)" }

  /// The tensor's entry.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  func entry(_ type: ElementType, in external: inout ExternalData) throws -> TensorEntry {
    guard !name.isEmpty else { throw ONNXFile.damaged("an initializer has no name") }
    guard !isSegmented else {
      throw ONNXFile.damaged("it is stored in segments, which are not read")
    }
    guard lengths.count <= 64 else { throw ONNXFile.damaged("it claims more than 64 axes") }
    let shape = lengths.compactMap { $0 < 0 ? nil : Int(exactly: $0) }
    guard shape.count == lengths.count else {
      throw ONNXFile.damaged("its shape \(lengths) has a negative length")
    }
    guard let count = checkedProduct(shape), let size = checkedProduct([count, type.byteCount])
    else { throw ONNXFile.damaged("its shape \(shape) overflows") }
    var entry = TensorEntry(name: name, shape: shape, elementType: type, layout: .unallocated)
    if isExternal {
      guard runs.isEmpty, numbers.isEmpty else {
        throw ONNXFile.damaged("its data are in the model and in another file")
      }
      let place = try external.place(location, byteCount: size)
      entry.part = place.part
      entry.layout = .contiguous(offset: place.offset)
      return entry
    }
    let filled = runs.filter { !$0.range.isEmpty }
    if let run = filled.first {
      guard filled.count == 1, numbers.isEmpty, run.field == 9 || run.field == floatField(type)
      else { throw ONNXFile.damaged("its data are stored twice, or as another type") }
      guard run.range.count == size else {
        throw ONNXFile.damaged("its shape takes \(size) bytes, and \(run.range.count) are stored")
      }
      entry.layout = .contiguous(offset: run.range.lowerBound)
      return entry
    }
    guard numbers.count <= 1, numbers.keys.allSatisfy({ $0 == field(of: type) }) else {
      throw ONNXFile.damaged("its data are stored twice, or as another type")
    }
    let values = numbers.values.first ?? []
    guard values.count == count else {
      throw ONNXFile.damaged("its shape takes \(count) elements, and \(values.count) are stored")
    }
    entry.layout = .inline(
      values.flatMap { value in
        (0..<type.byteCount).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
      })
    return entry
  }

  /// The field of numbers with a fixed width, which packed are a run of bytes.
  private func floatField(_ type: ElementType) -> Int? {
    switch type {
    case .float32: 4
    case .float64: 10
    default: nil
    }
  }

  /// The field that holds elements of a type where they are not raw.
  private func field(of type: ElementType) -> Int {
    switch type {
    case .float32: 4
    case .float64: 10
    case .int64: 7
    case .uint32, .uint64: 11
    default: 5
    }
  }
}
