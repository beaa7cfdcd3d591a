import Formats
import Support
import Tensors

/// NumPy's format for one array: a magic word, a header that is a Python literal, and the elements
/// (NEP 1). Only numbers are read; arrays of objects, which would need unpickling, are refused.
enum NumPyFile {
  /// Reads an array.
  static func read(_ bytes: [UInt8]) throws -> NumericArray {
    guard bytes.count >= 10, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw Diagnostic(.badData, "this is not a NumPy array")
    }
    let lengthBytes = bytes[6] == 1 ? 2 : 4
    let start = 8 + lengthBytes
    guard bytes.count >= start else { throw damaged }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 16, bytes.count >= start + length else { throw damaged }
    let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
    guard let description = quoted(after: "'descr'", in: header), description.utf8.count >= 2,
      let type = types[String(description.dropFirst())]
    else {
      throw Diagnostic(
        .badData, "the elements of the array are not numbers", remedy: "save it as numbers")
    }
    guard !header.contains("'fortran_order': True") else {
      throw Diagnostic(
        .badData, "the array is stored column by column", remedy: "save it in C order")
    }
    guard let shape = shape(in: header) else { throw damaged }
    return NumericArray(
      shape: shape, elementType: type, isBigEndian: description.hasPrefix(">"),
      bytes: Array(bytes[(start + length)...]))
  }

  private static let types: [String: ElementType] = [
    "f8": .float64, "f4": .float32, "f2": .float16, "i8": .int64, "i4": .int32, "i2": .int16,
    "i1": .int8, "u8": .uint64, "u4": .uint32, "u2": .uint16, "u1": .uint8, "b1": .bool,
  ]

  private static func quoted(after key: String, in header: String) -> String? {
    guard let place = header.range(of: key) else { return nil }
    let parts = header[place.upperBound...].split(separator: "'", maxSplits: 2)
    return parts.count >= 2 ? String(parts[1]) : nil
  }

  private static func shape(in header: String) -> [Int]? {
    guard let place = header.range(of: "'shape'"),
      let open = header[place.upperBound...].firstIndex(of: "("),
      let close = header[open...].firstIndex(of: ")")
    else { return nil }
    let words = header[header.index(after: open)..<close].split(separator: ",")
    let lengths = words.compactMap { word in Int(word.filter { $0 != " " }) }
    let present = words.filter { !$0.allSatisfy { $0 == " " } }
    return lengths.count == present.count ? lengths : nil
  }

  private static var damaged: Diagnostic {
    Diagnostic(.badData, "the header of the NumPy array is damaged")
  }
}

extension StringProtocol {
  /// The first place where `text` stands.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
