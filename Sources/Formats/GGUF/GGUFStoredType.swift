package import Catalogs
package import Tensors

extension GGUFFile {
  /// A type of elements, as ggml numbers them.
  package struct StoredType {
    /// ggml's name.
    package var name: String
    /// How many elements one block has.
    package var blockLength: Int
    /// How many bytes one block takes.
    package var blockByteCount: Int
    /// The type here, where its elements are read as they are.
    package var elementType: ElementType?
    /// The type here, where its elements are quantised and read.
    package var quantisedType: QuantisedType?

    private static let plain: [UInt32: (String, ElementType)] = [
      0: ("F32", .float32), 1: ("F16", .float16), 24: ("I8", .int8), 25: ("I16", .int16),
      26: ("I32", .int32), 27: ("I64", .int64), 28: ("F64", .float64), 30: ("BF16", .bfloat16),
    ]

    private static let quantised: [UInt32: QuantisedType] = [
      2: .q4Zero, 3: .q4One, 6: .q5Zero, 7: .q5One, 8: .q8Zero, 10: .q2K, 11: .q3K, 12: .q4K,
      13: .q5K, 14: .q6K,
    ]

    /// Name, elements and bytes of a block of those that are not read, as ggml.c has them.
    private static let unread: [UInt32: (String, Int, Int)] = [
      9: ("Q8_1", 32, 36), 15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66),
      17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
      20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82),
      23: ("IQ4_XS", 256, 136), 29: ("IQ1_M", 256, 56), 34: ("TQ1_0", 256, 54),
      35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36), 41: ("Q1_0", 128, 18),
    ]

    /// The type of that number, or nil.
    package init?(_ code: UInt32) {
      if let (name, type) = Self.plain[code] {
        self.name = name
        blockLength = 1
        blockByteCount = type.byteCount
        elementType = type
      } else if let type = Self.quantised[code] {
        name = type.rawValue
        blockLength = type.blockLength
        blockByteCount = type.blockByteCount
        quantisedType = type
      } else if let (name, length, byteCount) = Self.unread[code] {
        self.name = name
        blockLength = length
        blockByteCount = byteCount
      } else {
        return nil
      }
    }

    /// Whether an element takes several bytes, in one order or the other.
    package var hasByteOrder: Bool { quantisedType != nil || blockByteCount > 1 }

    /// Where elements are that begin at an offset; nil where they are not read.
    package func layout(at offset: Int, isBigEndian: Bool) -> TensorEntry.Layout? {
      if elementType != nil { return .contiguous(offset: offset) }
      guard let quantisedType, !isBigEndian || quantisedType.isReadBigEndian else { return nil }
      return .quantised(quantisedType, offset: offset)
    }
  }
}
