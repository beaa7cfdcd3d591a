import CatalogWire
import CHDF5

private final class NameCollector {
  var names: [String] = []
}

/// Tells all attributes of an object, and returns them. One that cannot be told is named with the
/// reason.
func tellAttributes(
  of object: hid_t, named path: String, into answer: inout Answer
) -> [String: CatalogRecord.AttributeValue] {
  var values: [String: CatalogRecord.AttributeValue] = [:]
  let collector = NameCollector()
  var start: hsize_t = 0
  let status = H5Aiterate2(
    object, H5_INDEX_NAME, H5_ITER_INC, &start,
    { _, name, _, context in
      guard let name, let context else { return -1 }
      let collector = Unmanaged<NameCollector>.fromOpaque(context).takeUnretainedValue()
      if let text = String(validatingCString: name) { collector.names.append(text) }
      return collector.names.count >= CatalogWalk.Bound.attributesOfObject ? 1 : 0
    }, Unmanaged.passUnretained(collector).toOpaque())
  if status < 0 {
    let reason = "its attributes cannot be listed: \(WorkerError.library().message)"
    answer.send(.skipped(name: path.isEmpty ? "/" : path, reason: reason))
  }
  for name in collector.names {
    do {
      let value = try attribute(name, of: object)
      values[name] = value
      answer.send(.attribute(object: path, name: name, value: value))
    } catch {
      let reason = (error as? WorkerError)?.message ?? "cannot be read"
      answer.send(.skipped(name: "\(path)@\(name)", reason: "attribute: \(reason)"))
    }
  }
  return values
}

private func attribute(_ name: String, of object: hid_t) throws -> CatalogRecord.AttributeValue {
  let attribute = try Identifier(H5Aopen(object, name, 0))
  let type = try Identifier(H5Aget_type(attribute.raw))
  let space = try Identifier(H5Aget_space(attribute.raw))
  let form = H5Sget_simple_extent_type(space.raw)
  let count = form == H5S_NULL ? 0 : Int(H5Sget_simple_extent_npoints(space.raw))
  let size = H5Tget_size(type.raw)
  let (byteCount, overflow) = count.multipliedReportingOverflow(by: max(size, 8))
  guard count >= 0, size > 0, !overflow, byteCount <= CatalogWalk.Bound.attributeByteCount else {
    throw WorkerError(message: "it claims a size that no attribute has")
  }
  switch H5Tget_class(type.raw) {
  case H5T_STRING:
    let texts =
      H5Tis_variable_str(type.raw) > 0
      ? try variableTexts(attribute, type, space, count)
      : try fixedTexts(attribute, type, count, size)
    return form == H5S_SCALAR ? .string(texts.first ?? "") : .strings(texts)
  case H5T_INTEGER, H5T_FLOAT:
    var numbers = [Double](repeating: 0, count: count)
    if count > 0 { try check(H5Aread(attribute.raw, chdf5_native_double(), &numbers)) }
    return .numbers(numbers)
  case H5T_ENUM:
    let base = try Identifier(H5Tget_super(type.raw))
    guard H5Tget_class(base.raw) == H5T_INTEGER, H5Tget_size(base.raw) == 1 else {
      throw WorkerError(message: "an enumeration wider than a byte")
    }
    var bytes = [Int8](repeating: 0, count: count)
    if count > 0 { try check(H5Aread(attribute.raw, type.raw, &bytes)) }
    return .numbers(bytes.map(Double.init))
  default: throw WorkerError(message: "a type that is neither text nor number")
  }
}

private func fixedTexts(
  _ attribute: borrowing Identifier, _ type: borrowing Identifier, _ count: Int, _ size: Int
) throws -> [String] {
  guard count > 0 else { return [] }
  var bytes = [UInt8](repeating: 0, count: count * size)
  try check(H5Aread(attribute.raw, type.raw, &bytes))
  let padding = H5Tget_strpad(type.raw)
  return (0..<count).map { index in
    var text = bytes[(index * size)..<((index + 1) * size)]
    switch padding {
    case H5T_STR_NULLTERM: text = text.prefix { $0 != 0 }
    case H5T_STR_SPACEPAD: while text.last == 0x20 { text.removeLast() }
    default: while text.last == 0 { text.removeLast() }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

private func variableTexts(
  _ attribute: borrowing Identifier, _ type: borrowing Identifier, _ space: borrowing Identifier,
  _ count: Int
) throws -> [String] {
  guard count > 0 else { return [] }
  var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
  try check(H5Aread(attribute.raw, type.raw, &pointers))
  defer { H5Dvlen_reclaim(type.raw, space.raw, 0, &pointers) }
  return pointers.map { pointer in
    // libhdf5 ends each text with a zero.
    pointer.map { String(cString: $0) } ?? ""
  }
}
