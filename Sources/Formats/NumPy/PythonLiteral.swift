import Support

/// A Python literal as the header of a `.npy` file has it: a dictionary of texts, truth values, whole
/// numbers, tuples and lists. Parsed, never evaluated.
indirect enum PythonLiteral {
  case text(String)
  case bool(Bool)
  case none
  case integer(UInt64)
  case sequence([PythonLiteral])
  case dictionary([Member])

  /// A member of a dictionary.
  struct Member {
    var name: String
    var value: PythonLiteral
  }

  /// Parses a header.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  init(parsing bytes: ArraySlice<UInt8>) throws {
    var parser = Parser(bytes: bytes, position: bytes.startIndex)
    self = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.endIndex else { throw Parser.damaged("something follows it") }
  }

  private struct Parser {
    let bytes: ArraySlice<UInt8>
    var position: Int

    static func damaged(_ what: String) -> Diagnostic {
      Diagnostic(
        .badData, "its header is not the dictionary that NumPy writes: \(what)",
        remedy: "the file is damaged: copy or download it again")
    }

    var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    mutating func skipSpace() {
      while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        position += 1
      }
    }

    mutating func take(_ byte: UInt8) -> Bool {
      skipSpace()
      guard next == byte else { return false }
      position += 1
      return true
    }

    mutating func value(depth: Int) throws -> PythonLiteral {
      guard depth < 16 else { throw Self.damaged("it is nested too deeply") }
      skipSpace()
      switch next {
      case UInt8(ascii: "{"):
        position += 1
        return .dictionary(try members(depth: depth))
      case UInt8(ascii: "("):
        position += 1
        return .sequence(try elements(until: UInt8(ascii: ")"), depth: depth))
      case UInt8(ascii: "["):
        position += 1
        return .sequence(try elements(until: UInt8(ascii: "]"), depth: depth))
      case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(try text())
      case .some(0x30...0x39): return .integer(try integer())
      default: return try word()
      }
    }

    mutating func members(depth: Int) throws -> [Member] {
      var members: [Member] = []
      while !take(UInt8(ascii: "}")) {
        guard case .text(let name) = try value(depth: depth + 1) else {
          throw Self.damaged("a name is not a text")
        }
        guard take(UInt8(ascii: ":")) else { throw Self.damaged("a colon is missing") }
        guard !members.contains(where: { $0.name == name }) else {
          throw Self.damaged("it has \(name) twice")
        }
        members.append(Member(name: name, value: try value(depth: depth + 1)))
        guard take(UInt8(ascii: ",")) || next == UInt8(ascii: "}") else {
          throw Self.damaged("a comma is missing")
        }
        guard members.count <= 16 else { throw Self.damaged("it has too many members") }
      }
      return members
    }

    mutating func elements(until end: UInt8, depth: Int) throws -> [PythonLiteral] {
      var elements: [PythonLiteral] = []
      while !take(end) {
        elements.append(try value(depth: depth + 1))
        guard take(UInt8(ascii: ",")) || next == end else {
          throw Self.damaged("a comma is missing")
        }
      }
      return elements
    }

    mutating func text() throws -> String {
      let quote = next
      position += 1
      let start = position
      while let byte = next, byte != quote {
        // An escape stands in names of members only, which nobody reads: it is kept as it is.
        position += byte == UInt8(ascii: "\\") ? 2 : 1
      }
      guard position < bytes.endIndex, next == quote else {
        throw Self.damaged("a text does not end")
      }
      defer { position += 1 }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    mutating func integer() throws -> UInt64 {
      let start = position
      while let byte = next, 0x30...0x39 ~= byte { position += 1 }
      let value = UInt64(String(decoding: bytes[start..<position], as: UTF8.self))
      guard let value else { throw Self.damaged("a number is beyond 2^64") }
      // Python 2 wrote long numbers with a letter.
      if next == UInt8(ascii: "L") { position += 1 }
      return value
    }

    mutating func word() throws -> PythonLiteral {
      let start = position
      while let byte = next, 0x41...0x5A ~= byte || 0x61...0x7A ~= byte { position += 1 }
      switch String(decoding: bytes[start..<position], as: UTF8.self) {
      case "True": return .bool(true)
      case "False": return .bool(false)
      case "None": return .none
      default: throw Self.damaged("it has an unknown word")
      }
    }
  }
}
