import Archives
import Catalogs
import Support

/// The metadata of a GGUF file. Texts and numbers are kept; long lists (vocabularies) are skipped.
struct GGUFMetadata {
  /// What was kept.
  private(set) var attributes: [String: Catalog.Attribute] = [:]
  /// What offsets of data are multiples of.
  private(set) var alignment = 32

  private var names: Set<String> = []
  private static let keptCount = 1024
  private static let keptByteCount = 1 << 20

  /// Reads one member.
  mutating func read(_ cursor: inout FileCursor) throws {
    let name = try GGUFFile.text(&cursor, limit: 65_535, what: "the name of a member")
    guard names.insert(name).inserted else {
      throw GGUFFile.damaged("it has the member \(name) twice")
    }
    do {
      let type = try cursor.field(UInt32.self)
      if name == "general.alignment" {
        guard type == 4 else { throw GGUFFile.damaged("it is not a number of 32 bits") }
        let value = try cursor.field(UInt32.self)
        guard value > 0, value & (value - 1) == 0, value <= 1 << 24 else {
          throw GGUFFile.damaged("an alignment of \(value) is impossible")
        }
        alignment = Int(value)
        attributes[name] = .numbers([Double(value)])
      } else {
        attributes[name] = try value(type, &cursor)
      }
    } catch let error as Diagnostic {
      throw error.inside(name)
    }
  }

  private func value(_ type: UInt32, _ cursor: inout FileCursor) throws -> Catalog.Attribute? {
    switch type {
    case 8:
      return try string(&cursor).map { .string($0) }
    case 9:
      let inner = try cursor.field(UInt32.self)
      let count = try cursor.field(UInt64.self)
      return try list(inner, count, &cursor)
    default: return .numbers([try number(type, &cursor)])
    }
  }

  /// A text; nil where it is too long to be kept.
  private func string(_ cursor: inout FileCursor) throws -> String? {
    let length = try cursor.field(UInt64.self)
    guard let count = Int(exactly: length), count <= cursor.remaining else {
      throw GGUFFile.damaged("a text of \(length) bytes reaches beyond the end of the file")
    }
    guard count <= Self.keptByteCount else {
      try cursor.skip(count)
      return nil
    }
    return String(decoding: try cursor.bytes(count), as: UTF8.self)
  }

  private func list(
    _ type: UInt32, _ length: UInt64, _ cursor: inout FileCursor
  ) throws -> Catalog.Attribute? {
    guard type != 9 else { throw GGUFFile.damaged("a list of lists is not allowed") }
    let size = try type == 8 ? 8 : byteCount(type)
    guard let count = Int(exactly: length), count <= cursor.remaining / size else {
      throw GGUFFile.damaged("a list of \(length) elements reaches beyond the end of the file")
    }
    let isKept = count <= Self.keptCount
    if type == 8 {
      var texts: [String] = []
      for _ in 0..<count {
        if isKept {
          texts.append(try string(&cursor) ?? "")
        } else {
          let length = try cursor.field(UInt64.self)
          guard let count = Int(exactly: length), count <= cursor.remaining else {
            throw GGUFFile.damaged("a text of \(length) bytes reaches beyond the end of the file")
          }
          try cursor.skip(count)
        }
      }
      return isKept ? .strings(texts) : nil
    }
    guard isKept else {
      try cursor.skip(count * size)
      return nil
    }
    return .numbers(try (0..<count).map { _ in try number(type, &cursor) })
  }

  private func byteCount(_ type: UInt32) throws -> Int {
    switch type {
    case 0, 1, 7: 1
    case 2, 3: 2
    case 4, 5, 6: 4
    case 10, 11, 12: 8
    default: throw GGUFFile.damaged("its type \(type) is unknown")
    }
  }

  private func number(_ type: UInt32, _ cursor: inout FileCursor) throws -> Double {
    switch type {
    case 0: Double(try cursor.field(UInt8.self))
    case 1: Double(try cursor.field(Int8.self))
    case 2: Double(try cursor.field(UInt16.self))
    case 3: Double(try cursor.field(Int16.self))
    case 4: Double(try cursor.field(UInt32.self))
    case 5: Double(try cursor.field(Int32.self))
    case 6: Double(Float(bitPattern: try cursor.field(UInt32.self)))
    case 7: try truth(&cursor)
    case 10: Double(try cursor.field(UInt64.self))
    case 11: Double(try cursor.field(Int64.self))
    case 12: Double(bitPattern: try cursor.field(UInt64.self))
    default: throw GGUFFile.damaged("its type \(type) is unknown")
    }
  }

  private func truth(_ cursor: inout FileCursor) throws -> Double {
    let value = try cursor.byte()
    guard value <= 1 else { throw GGUFFile.damaged("a truth value of \(value) is impossible") }
    return Double(value)
  }
}
