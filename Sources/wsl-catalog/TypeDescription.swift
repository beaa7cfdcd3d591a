import CHDF5

/// The type of a data set's elements in words, where it is none that is read: enough to tell it from
/// others.
struct TypeDescription {
  /// In words: `compound (r F32, i F32; 8 bytes)`.
  private(set) var text = ""
  /// Whether an element is its bytes, and not the place of something else.
  private(set) var isFixed = true
  /// Whether elements may be weights: not texts, and not references.
  var mayBeWeight: Bool { !isText && !isReference }

  private var isText = false
  private var isReference = false
  /// How much is said: types may hold types.
  private static let depthLimit = 6
  private static let lengthLimit = 400

  /// Describes a type.
  init(_ type: borrowing Identifier) {
    isText = H5Tget_class(type.raw) == H5T_STRING
    isReference = H5Tget_class(type.raw) == H5T_REFERENCE
    text = words(type, depth: 0)
    if text.utf8.count > Self.lengthLimit {
      text = String(text.prefix(Self.lengthLimit)) + "…"
    }
    H5Eclear2(0)
  }

  private mutating func words(_ type: borrowing Identifier, depth: Int) -> String {
    let size = H5Tget_size(type.raw)
    let order = H5Tget_order(type.raw) == H5T_ORDER_BE ? " big-endian" : ""
    switch H5Tget_class(type.raw) {
    case H5T_INTEGER:
      let sign = H5Tget_sign(type.raw) == H5T_SGN_NONE ? "U" : "I"
      return "\(sign)\(H5Tget_precision(type.raw)) of \(8 * size) bits\(order)"
    case H5T_FLOAT: return float(type, size) + order
    case H5T_STRING:
      if H5Tis_variable_str(type.raw) > 0 {
        isFixed = false
        return "text"
      }
      return "text of \(size) bytes"
    case H5T_COMPOUND: return compound(type, depth) + "; \(size) bytes)"
    case H5T_ENUM: return "enumeration of \(size) bytes\(order)"
    case H5T_ARRAY: return array(type, depth)
    case H5T_OPAQUE: return "opaque of \(size) bytes"
    case H5T_VLEN:
      isFixed = false
      return "sequences"
    case H5T_REFERENCE:
      isFixed = false
      return "references"
    case H5T_BITFIELD: return "bits of \(size) bytes\(order)"
    default: return "unknown, of \(size) bytes"
    }
  }

  private func float(_ type: borrowing Identifier, _ size: Int) -> String {
    var (sign, exponent, exponentSize, mantissa, mantissaSize) = (0, 0, 0, 0, 0)
    guard H5Tget_fields(type.raw, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize) >= 0
    else { return "F\(8 * size)" }
    let isCommon = [[2, 5, 10], [4, 8, 23], [8, 11, 52]].contains([
      size, exponentSize, mantissaSize,
    ])
    return isCommon
      ? "F\(8 * size)" : "F\(8 * size) (exponent \(exponentSize), mantissa \(mantissaSize))"
  }

  /// The members, without the end.
  private mutating func compound(_ type: borrowing Identifier, _ depth: Int) -> String {
    var members: [String] = []
    var length = 0
    for index in 0..<UInt32(max(0, H5Tget_nmembers(type.raw))) {
      // All are looked at: the last one may be the place of something else.
      guard let member = try? Identifier(H5Tget_member_type(type.raw, index)) else { continue }
      let inner = depth < Self.depthLimit ? words(member, depth: depth + 1) : tooDeep()
      guard length < Self.lengthLimit else { continue }
      var name = "?"
      if let pointer = H5Tget_member_name(type.raw, index) {
        name = String(cString: pointer)
        H5free_memory(pointer)
      }
      members.append("\(name) \(inner)")
      length += members.last?.utf8.count ?? 0
    }
    return "compound (" + members.joined(separator: ", ")
  }

  private mutating func array(_ type: borrowing Identifier, _ depth: Int) -> String {
    guard let base = try? Identifier(H5Tget_super(type.raw)) else { return "array" }
    var lengths = [hsize_t](repeating: 0, count: 32)
    let rank = Int(H5Tget_array_dims2(type.raw, &lengths))
    let inner = depth < Self.depthLimit ? words(base, depth: depth + 1) : tooDeep()
    return "array \(lengths.prefix(max(0, min(32, rank)))) of \(inner)"
  }

  /// What is not looked into may hold anything.
  private mutating func tooDeep() -> String {
    isFixed = false
    return "…"
  }
}
