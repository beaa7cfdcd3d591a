/// A recursive-descent parser of `StrictJSON`, over bytes that are valid UTF-8.
struct StrictJSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  private static let maximalDepth = 64

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func document() throws -> StrictJSON {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw damaged("something follows its JSON") }
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws {
    guard take(byte) else {
      throw damaged("its JSON lacks \"\(Character(Unicode.Scalar(byte)))\"")
    }
  }

  private mutating func value(depth: Int) throws -> StrictJSON {
    guard depth < Self.maximalDepth else {
      throw damaged("its JSON is nested deeper than \(Self.maximalDepth) levels")
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try text())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw damaged("its JSON ends early")
    default: return try number()
    }
  }

  private mutating func members(depth: Int) throws -> [StrictJSON.Member] {
    position += 1
    var members: [StrictJSON.Member] = []
    var names: Set<String> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return [] }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else {
        throw damaged("its JSON has a member without a name")
      }
      let name = try text()
      guard names.insert(name).inserted else {
        throw Diagnostic(.badData, "its JSON has the name \"\(name)\" twice")
      }
      skipSpace()
      try expect(UInt8(ascii: ":"))
      members.append(StrictJSON.Member(name: name, value: try value(depth: depth + 1)))
      skipSpace()
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
    return members
  }

  private mutating func elements(depth: Int) throws -> [StrictJSON] {
    position += 1
    var elements: [StrictJSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return [] }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipSpace()
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
    return elements
  }

  private mutating func word(_ word: String, _ value: StrictJSON) throws -> StrictJSON {
    for byte in word.utf8 where !take(byte) { throw damaged("its JSON has an unknown word") }
    return value
  }

  private mutating func number() throws -> StrictJSON {
    let start = position
    while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
    guard Double(text) != nil, let first = digits.first, first >= 0x30, first <= 0x39,
      !(first == 0x30 && digits.dropFirst().first.map { $0 >= 0x30 && $0 <= 0x39 } ?? false)
    else { throw damaged("its JSON has something that is no value") }
    if text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      guard let value = UInt64(text) else { throw damaged("the number \(text) is beyond 2^64") }
      return .integer(value)
    }
    return .number(text)
  }

  private mutating func text() throws -> String {
    position += 1
    var units: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
      case UInt8(ascii: "\\"): units += try escape()
      case 0..<0x20: throw damaged("its JSON has a control character in a text")
      default: units.append(byte)
      }
    }
    throw damaged("its JSON ends within a text")
  }

  private mutating func escape() throws -> [UInt8] {
    guard let byte = next else { throw damaged("its JSON ends within a text") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var unit = try hexadecimal()
      if 0xD800..<0xDC00 ~= unit {
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
          throw damaged("its JSON has half a character")
        }
        let low = try hexadecimal()
        guard 0xDC00..<0xE000 ~= low else { throw damaged("its JSON has half a character") }
        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(unit) else {
        throw damaged("its JSON has half a character")
      }
      return Array(String(scalar).utf8)
    default: throw damaged("its JSON has an unknown escape")
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard bytes.count - position >= 4 else { throw damaged("its JSON ends within a text") }
    let digits = bytes[position..<(position + 4)]
    guard
      digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw damaged("its JSON has an unknown escape") }
    position += 4
    return unit
  }

  private func damaged(_ what: String) -> Diagnostic {
    Diagnostic(.badData, "\(what) (at its byte \(position))")
  }
}
