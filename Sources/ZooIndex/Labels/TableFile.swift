import Foundation
import Support

/// A table of comma-separated values with a heading (RFC 4180), plain or gzip-compressed.
struct TableFile: Sendable {
  /// The names of the columns.
  var columns: [String]
  /// The rows, each with a cell a column.
  var rows: [[String]]

  /// Reads a table.
  ///
  /// - Throws: `Diagnostic`: of code `noInput`, or `badData` with the line.
  init(contentsOf path: String) throws {
    do {
      try self.init(parsing: try LabelReading.bytes(path))
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  /// Reads a table from its text.
  init(parsing bytes: [UInt8]) throws {
    var bytes = bytes[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    var table: [[String]] = []
    var row: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var wasQuoted = false
    var line = 1
    func take() throws {
      guard let text = String(validating: cell, as: UTF8.self) else {
        throw Diagnostic(
          .badData, "this is not UTF-8 text", at: ["line \(line)"],
          remedy: "save the table as UTF-8")
      }
      row.append(text)
      cell.removeAll(keepingCapacity: true)
      wasQuoted = false
    }
    func end() throws {
      if row.isEmpty, cell.isEmpty, !wasQuoted { return }
      try take()
      if let width = table.first?.count, row.count != width {
        throw Diagnostic(
          .badData, "it has \(row.count) cells, and the heading has \(width)", at: ["line \(line)"])
      }
      table.append(row)
      row.removeAll(keepingCapacity: true)
    }
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      index += 1
      if isQuoted {
        if byte != UInt8(ascii: "\"") {
          cell.append(byte)
          line += byte == 0x0A ? 1 : 0
        } else if index < bytes.endIndex, bytes[index] == byte {
          cell.append(byte)
          index += 1
        } else {
          isQuoted = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where cell.isEmpty: (isQuoted, wasQuoted) = (true, true)
      case UInt8(ascii: ","): try take()
      case 0x0D where index < bytes.endIndex && bytes[index] == 0x0A: break
      case 0x0A:
        try end()
        line += 1
      default: cell.append(byte)
      }
    }
    guard !isQuoted else {
      throw Diagnostic(
        .badData, "a quotation is not closed", at: ["line \(line)"],
        remedy: "close it; quotation marks in a cell are doubled")
    }
    try end()
    guard let heading = table.first, !heading.isEmpty else {
      throw Diagnostic(
        .badData, "the table has no heading", remedy: "begin it with a line of column names")
    }
    columns = heading
    rows = Array(table.dropFirst())
  }
}
