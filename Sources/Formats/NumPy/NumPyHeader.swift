import Archives
import Catalogs
import Support
import Tensors

/// The header of a `.npy` file, versions 1 to 3.
///
/// Specification: numpy.lib.format.
struct NumPyHeader {
  /// The lengths of the axes.
  var shape: [Int]
  /// The type of the elements.
  var elementType: ElementType
  /// Whether they are stored most significant byte first.
  var isBigEndian: Bool
  /// Whether the first axis is the fastest.
  var isFortranOrdered: Bool
  /// How many bytes stand before the elements.
  var byteCount: Int

  /// How every file begins.
  static let mark = [0x93] + Array("NUMPY".utf8)
  /// How many bytes are enough to read any header.
  static let maximalByteCount = 64 << 10

  /// Reads a header from the first bytes of a file.
  ///
  /// - Throws: `NumPyRefusal` where the array is of a type that is not read, `Diagnostic` of code
  ///   `badData`, without a location, where the header is damaged.
  init(_ start: [UInt8]) throws {
    guard start.starts(with: NumPyHeader.mark), start.count >= 10 else {
      throw NumPyHeader.damaged("it does not begin as a .npy file does")
    }
    var cursor = ByteCursor(start[8...])
    let length: Int?
    switch (start[6], start[7]) {
    case (1, 0): length = cursor.field(UInt16.self).map(Int.init)
    case (2, 0), (3, 0): length = cursor.field(UInt32.self).map(Int.init)
    default:
      throw NumPyRefusal(reason: "its version \(start[6]).\(start[7]) is unknown")
    }
    guard let length else { throw NumPyHeader.damaged("it ends within its header") }
    guard cursor.position + length <= NumPyHeader.maximalByteCount else {
      // The second version is there for records of many members.
      if start[6] > 1, start[cursor.position...].starts(with: Array("{'descr': [".utf8)) {
        throw NumPyRefusal(reason: "records (structured elements) are not read")
      }
      throw NumPyHeader.damaged("it claims a header of \(length) bytes, which is absurd")
    }
    guard let text = cursor.block(length) else {
      throw NumPyHeader.damaged("it ends within its header")
    }
    byteCount = cursor.position
    guard case .dictionary(let members) = try PythonLiteral(parsing: text),
      Set(members.map(\.name)) == ["descr", "fortran_order", "shape"]
    else { throw NumPyHeader.damaged("its header has not descr, fortran_order and shape") }
    var type: (ElementType, isBigEndian: Bool)?
    var refusal: NumPyRefusal?
    var order: Bool?
    var lengths: [Int]?
    for member in members {
      switch (member.name, member.value) {
      case ("descr", .text(let code)):
        do { type = try NumPyHeader.elementType(code) } catch let error as NumPyRefusal {
          refusal = error
          refusal?.dtype = code
        }
      case ("descr", let fields):
        refusal = NumPyRefusal(reason: "records (structured elements) are not read")
        refusal?.dtype = "records \(fields.words)"
      case ("fortran_order", .bool(let value)): order = value
      case ("shape", .sequence(let axes)): lengths = try axes.map(NumPyHeader.length)
      default: throw NumPyHeader.damaged("its \(member.name) is not what it should be")
      }
    }
    if var refusal {
      (refusal.shape, refusal.headerByteCount) = (lengths, cursor.position)
      throw refusal
    }
    guard let type, let order, let lengths else {
      throw NumPyHeader.damaged("its header is not complete")
    }
    guard lengths.count <= 64 else { throw NumPyHeader.damaged("it claims more than 64 axes") }
    shape = lengths
    elementType = type.0
    isBigEndian = type.isBigEndian
    isFortranOrdered = order
  }

  private static func length(_ value: PythonLiteral) throws -> Int {
    guard case .integer(let value) = value, let length = Int(exactly: value) else {
      throw damaged("its shape has something else than lengths")
    }
    return length
  }

  private static func elementType(_ code: String) throws -> (ElementType, isBigEndian: Bool) {
    let type = NumPyType(code)
    guard let elementType = type.elementType else {
      throw NumPyRefusal(reason: type.refusal, mayBeWeight: type.mayBeWeight)
    }
    return (elementType, type.isBigEndian)
  }

  /// The entry of the array, whose elements begin at an offset.
  ///
  /// - Parameter space: how many bytes there are for the elements; exactly their size must be.
  func entry(named name: String, offset: Int, space: Int) throws -> TensorEntry {
    guard let declared = checkedProduct(shape + [elementType.byteCount]) else {
      throw NumPyHeader.damaged("its shape \(shape) overflows")
    }
    guard declared == space else {
      throw NumPyHeader.damaged("its shape takes \(declared) bytes, and \(space) are stored")
    }
    let isPlain = !isFortranOrdered || shape.count(where: { $0 != 1 }) <= 1
    return TensorEntry(
      name: name, shape: shape, elementType: elementType, isBigEndian: isBigEndian,
      layout: isPlain
        ? .contiguous(offset: offset)
        : .strided(offset: offset, strides: StridedGeometry.columnMajor(shape)))
  }

  static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(.badData, what, remedy: "the file is damaged: copy or download it again")
  }
}

/// Why an array is not read, though nothing is wrong with its file.
struct NumPyRefusal: Error {
  var reason: String
  /// Whether it may be a weight.
  var mayBeWeight = true
  /// The type as the header names it, and the lengths of the axes.
  var dtype: String?
  var shape: [Int]?
  /// How many bytes stand before the elements.
  var headerByteCount = 0
}

extension NumPyRefusal {
  /// What is known of an array in the member of an archive, or in a file of its own.
  ///
  /// - Parameters:
  ///   - space: the bytes of the whole array, with its header.
  ///   - layout: where these begin; compressed where they are.
  func skipped(
    _ name: String, space: Int, _ layout: (_ headerByteCount: Int) -> TensorEntry.Layout
  ) -> Catalog.Skipped {
    let count = max(0, space - headerByteCount)
    var content = TensorEntry(
      name: name, shape: [count], elementType: .uint8, layout: layout(headerByteCount))
    // What is empty lies nowhere.
    if count == 0 { content.layout = .inline([]) }
    return Catalog.Skipped(
      name: name, reason: reason,
      tensor: UnreadTensor(
        dtype: dtype, shape: shape, content: content, mayBeWeight: mayBeWeight))
  }
}

extension PythonLiteral {
  /// The literal in short: what tells two types of records apart.
  fileprivate var words: String {
    switch self {
    case .text(let text): text
    case .bool(let value): value ? "True" : "False"
    case .none: "None"
    case .integer(let value): String(value)
    case .sequence(let values): "(" + values.map(\.words).joined(separator: " ") + ")"
    case .dictionary(let members):
      "{" + members.map { "\($0.name): \($0.value.words)" }.joined(separator: ", ") + "}"
    }
  }
}
