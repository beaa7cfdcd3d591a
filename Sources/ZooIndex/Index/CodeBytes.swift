import Support

/// Writes numbers in seven bits a byte, the low ones first.
struct CodeWriter {
  /// What was written.
  var bytes: [UInt8] = []

  /// Adds a number that is not negative.
  mutating func put(_ number: Int) {
    var rest = UInt64(bitPattern: Int64(number))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Adds a list of numbers with its length.
  mutating func put(_ numbers: [Int]) {
    put(numbers.count)
    for number in numbers { put(number) }
  }

  /// Adds bytes with their count.
  mutating func put(_ bytes: [UInt8]) {
    put(bytes.count)
    self.bytes += bytes
  }
}

/// Reads what a `CodeWriter` wrote. Nothing is believed: counts are bounded by what is left.
struct CodeReader {
  private var rest: ArraySlice<UInt8>

  /// Reads from the start of some bytes.
  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// Whether nothing is left.
  var isAtEnd: Bool { rest.isEmpty }

  /// The error of bytes that make no sense.
  static var damaged: Diagnostic {
    Diagnostic(.badData, "the index is damaged", remedy: "make it again with \(action: .zooIndex)")
  }

  /// The next number.
  mutating func take() throws -> Int {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      guard shift < 63 else { throw CodeReader.damaged }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        guard let result = Int(exactly: number) else { throw CodeReader.damaged }
        return result
      }
      shift += 7
    }
    throw CodeReader.damaged
  }

  /// The length of a list: each element takes a byte at least.
  mutating func takeCount() throws -> Int {
    let count = try take()
    guard count <= rest.count else { throw CodeReader.damaged }
    return count
  }

  /// A list of numbers.
  mutating func takeList() throws -> [Int] { try (0..<takeCount()).map { _ in try take() } }

  /// Bytes.
  mutating func takeBytes() throws -> [UInt8] {
    let count = try takeCount()
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}
