import Foundation
import Support

/// Lines taken apart.
extension CSVFile {
  /// The fields of the record at a place, and the place after it; nil for an empty line.
  static func record(
    _ bytes: [UInt8], _ place: inout Int, _ line: inout Int, _ separator: UInt8
  ) throws -> [Range<Int>]? {
    var fields: [Range<Int>] = []
    var begin = place
    var isQuoted = false
    let first = line
    while place < bytes.count {
      let byte = bytes[place]
      if byte == 0x22 {
        isQuoted.toggle()
      } else if byte == separator, !isQuoted {
        fields.append(begin..<place)
        begin = place + 1
      } else if byte == 0x0A {
        line += 1
        if !isQuoted { break }
      }
      place += 1
    }
    guard !isQuoted else {
      throw Diagnostic(.badData, "a quotation mark is not closed", at: ["line \(first)"])
    }
    var end = min(place, bytes.count)
    place = min(end + 1, bytes.count)
    if end > begin, bytes[end - 1] == 0x0D { end -= 1 }
    if fields.isEmpty, bytes[begin..<end].allSatisfy({ $0 == 0x20 }) { return nil }
    return fields + [begin..<end]
  }

  /// A field without its quotation marks and the blanks around it.
  static func text(_ bytes: [UInt8], _ field: Range<Int>) -> String {
    let text = String(decoding: bytes[field], as: UTF8.self)
      .trimmingCharacters(in: .whitespaces)
    guard text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
    return String(text.dropFirst().dropLast().replacing("\"\"", with: "\""))
  }
}
