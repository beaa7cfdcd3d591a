import CatalogWire
import CHDF5

/// The type of a data set's elements, when it is one that the workbench knows.
struct ElementDescription {
  var kind: DatasetRecord.Kind
  var byteCount: UInt8
  var isBigEndian: Bool

  /// Classifies a type.
  ///
  /// - Throws: `WorkerError` that names what the type is instead.
  init(
    _ type: borrowing Identifier, attributes: [String: CatalogRecord.AttributeValue]
  ) throws {
    let size = H5Tget_size(type.raw)
    // Keras names the type of a bfloat16 array beside it: HDF5 1.x has no such type.
    let saysBrainFloat =
      attributes["dtype"] == .string("bfloat16") || attributes["dtype"] == .strings(["bfloat16"])
    let order = H5Tget_order(type.raw)
    isBigEndian = order == H5T_ORDER_BE
    switch H5Tget_class(type.raw) {
    case H5T_INTEGER where saysBrainFloat && size == 2: kind = .brainFloat
    case H5T_OPAQUE where saysBrainFloat && size == 2: kind = .brainFloat
    case H5T_INTEGER: kind = try ElementDescription.integer(type, size)
    case H5T_ENUM:
      let base = try Identifier(H5Tget_super(type.raw))
      let isTruth = size == 1 && ElementDescription.isTruth(type)
      kind = isTruth ? .truth : try ElementDescription.integer(base, size)
      isBigEndian = H5Tget_order(base.raw) == H5T_ORDER_BE
    case H5T_FLOAT: kind = try ElementDescription.float(type, size)
    case H5T_STRING: throw WorkerError(message: "text, not numbers")
    case H5T_COMPOUND:
      throw WorkerError(
        message: ElementDescription.isComplex(type)
          ? "complex numbers (r, i) are not read" : "a compound type, not numbers")
    case H5T_VLEN: throw WorkerError(message: "sequences of varying length, not a tensor")
    case H5T_REFERENCE: throw WorkerError(message: "references, not numbers")
    case H5T_OPAQUE: throw WorkerError(message: "bytes of a type that only its writer knows")
    case H5T_ARRAY: throw WorkerError(message: "elements that are arrays themselves")
    default: throw WorkerError(message: "elements of a type that is not known here")
    }
    guard order != H5T_ORDER_VAX, order != H5T_ORDER_MIXED else {
      throw WorkerError(message: "elements in a byte order that is not known here")
    }
    byteCount = UInt8(size)
  }

  private static func integer(
    _ type: borrowing Identifier, _ size: Int
  ) throws -> DatasetRecord.Kind {
    guard [1, 2, 4, 8].contains(size), H5Tget_precision(type.raw) == size * 8,
      H5Tget_offset(type.raw) == 0
    else { throw WorkerError(message: "integers of an uncommon width") }
    return H5Tget_sign(type.raw) == H5T_SGN_NONE ? .unsigned : .signed
  }

  private static func float(
    _ type: borrowing Identifier, _ size: Int
  ) throws -> DatasetRecord.Kind {
    var sign = 0
    var exponent = 0
    var exponentSize = 0
    var mantissa = 0
    var mantissaSize = 0
    try check(
      H5Tget_fields(type.raw, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize))
    let fields = [
      size, sign, exponent, exponentSize, mantissa, mantissaSize, H5Tget_ebias(type.raw),
    ]
    switch fields {
    case [2, 15, 10, 5, 0, 10, 15], [4, 31, 23, 8, 0, 23, 127], [8, 63, 52, 11, 0, 52, 1023]:
      return .float
    case [2, 15, 7, 8, 0, 7, 127]: return .brainFloat
    case [1, 7, 2, 5, 0, 2, 15]: return .smallFloat
    case [1, 7, 3, 4, 0, 3, 7]:
      throw WorkerError(
        message: "8-bit floats (E4M3) are not read: "
          + "the type does not say whether the largest of them are numbers or infinities")
    case let fields where fields[0] > 8:
      throw WorkerError(message: "long doubles (\(8 * size) bits) are not read")
    default: throw WorkerError(message: "floating-point numbers of an uncommon format")
    }
  }

  /// Whether a type is the pair of numbers that h5py writes complex numbers as.
  private static func isComplex(_ type: borrowing Identifier) -> Bool {
    guard H5Tget_nmembers(type.raw) == 2 else { return false }
    return zip(UInt32(0)..<2, ["r", "i"]).allSatisfy { index, wanted in
      guard let name = H5Tget_member_name(type.raw, index) else { return false }
      defer { H5free_memory(name) }
      return String(cString: name) == wanted
        && H5Tget_member_class(type.raw, index) == H5T_FLOAT
    }
  }

  /// Whether an enumeration is the one that h5py writes truth values as.
  private static func isTruth(_ type: borrowing Identifier) -> Bool {
    guard H5Tget_nmembers(type.raw) == 2 else { return false }
    return (0..<UInt32(2)).allSatisfy { index in
      guard let name = H5Tget_member_name(type.raw, index) else { return false }
      defer { H5free_memory(name) }
      var value: Int8 = -1
      guard H5Tget_member_value(type.raw, index, &value) >= 0 else { return false }
      return String(cString: name) == (value == 0 ? "FALSE" : "TRUE") && (0...1).contains(value)
    }
  }
}
