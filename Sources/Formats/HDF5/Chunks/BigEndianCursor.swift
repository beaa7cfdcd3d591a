import Support

/// Takes numbers and runs of bytes from a block, each checked against what is there.
struct BigEndianCursor {
  private var rest: UnsafeRawBufferPointer

  init(_ block: UnsafeRawBufferPointer) { rest = block }

  mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= rest.count else {
      throw Diagnostic(
        .badData, "its compressed data end too early", remedy: "copy the file again")
    }
    defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
    return UnsafeRawBufferPointer(rebasing: rest[..<count])
  }

  mutating func take<Number: FixedWidthInteger & BitwiseCopyable>(
    _: Number.Type
  ) throws -> Number {
    Number(bigEndian: try bytes(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
  }
}
