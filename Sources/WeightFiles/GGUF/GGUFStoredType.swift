extension GGUFFile {
  /// A type of elements, as ggml numbers them.
  struct StoredType {
    /// ggml's name.
    var name: String
    /// How many elements one block has.
    var blockLength: Int
    /// How many bytes one block takes.
    var blockByteCount: Int
    /// The type here, where it is read.
    var elementType: ElementType?

    private static let plain: [UInt32: (String, ElementType)] = [
      0: ("F32", .float32), 1: ("F16", .float16), 24: ("I8", .int8), 25: ("I16", .int16),
      26: ("I32", .int32), 27: ("I64", .int64), 28: ("F64", .float64), 30: ("BF16", .bfloat16),
    ]

    /// Name, elements and bytes of a block, as ggml.c has them.
    private static let quantised: [UInt32: (String, Int, Int)] = [
      2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24),
      8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
      12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210),
      15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74),
      18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18),
      21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
      29: ("IQ1_M", 256, 56), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66),
      39: ("MXFP4", 32, 17),
    ]

    /// The type of that number, or nil.
    init?(_ code: UInt32) {
      if let (name, type) = Self.plain[code] {
        self.name = name
        blockLength = 1
        blockByteCount = type.byteCount
        elementType = type
      } else if let (name, length, byteCount) = Self.quantised[code] {
        self.name = name
        blockLength = length
        blockByteCount = byteCount
      } else {
        return nil
      }
    }
  }
}
