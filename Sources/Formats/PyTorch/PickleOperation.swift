/// The operations that a pickle of weights may use: those of Python's protocols 2 to 5, without the
/// registry of extensions, old classes and buffers outside of the pickle.
enum PickleOperation: UInt8 {
  case proto = 0x80
  case stop = 0x2E
  case global = 0x63
  case newObject = 0x81
  case reduce = 0x52
  case build = 0x62
  case append = 0x61
  case appends = 0x65
  case setItem = 0x73
  case setItems = 0x75
  case mark = 0x28
  case tuple = 0x74
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case none = 0x4E
  case newTrue = 0x88
  case newFalse = 0x89
  case emptyTuple = 0x29
  case emptyList = 0x5D
  case emptyDict = 0x7D
  case emptySet = 0x8F
  case binInt = 0x4A
  case binInt1 = 0x4B
  case binInt2 = 0x4D
  case binFloat = 0x47
  case long1 = 0x8A
  case binUnicode = 0x58
  case shortBinString = 0x55
  case persistentID = 0x51
  case binGet = 0x68
  case longBinGet = 0x6A
  case binPut = 0x71
  case longBinPut = 0x72
  case long4 = 0x8B
  case binString = 0x54
  case pop = 0x30
  case popMark = 0x31
  case duplicate = 0x32
  case binBytes = 0x42
  case shortBinBytes = 0x43
  case shortBinUnicode = 0x8C
  case binUnicode8 = 0x8D
  case binBytes8 = 0x8E
  case addItems = 0x90
  case frozenSet = 0x91
  case newObjectWithNames = 0x92
  case stackGlobal = 0x93
  case memoize = 0x94
  case frame = 0x95
  case byteArray8 = 0x96

  /// The protocol that has it first; every operation of protocol 2 and before has 2. PyTorch's own
  /// loader takes the empty set from any.
  var firstProtocol: UInt8 {
    switch self {
    case .binBytes, .shortBinBytes: 3
    case .shortBinUnicode, .binUnicode8, .binBytes8, .addItems, .frozenSet, .newObjectWithNames,
      .stackGlobal, .memoize, .frame:
      4
    case .byteArray8: 5
    default: 2
    }
  }

  /// The names of operations that are refused, always or in pickles of an earlier protocol, for the
  /// error about them.
  static let refused: [UInt8: String] = [
    0x93: "STACK_GLOBAL", 0x95: "FRAME", 0x94: "MEMOIZE", 0x69: "INST", 0x6F: "OBJ",
    0x42: "BINBYTES", 0x43: "SHORT_BINBYTES", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4",
    0x92: "NEWOBJ_EX", 0x50: "PERSID", 0x8C: "SHORT_BINUNICODE", 0x8D: "BINUNICODE8",
    0x8E: "BINBYTES8", 0x90: "ADDITEMS", 0x91: "FROZENSET", 0x46: "FLOAT", 0x49: "INT",
    0x4C: "LONG", 0x53: "STRING", 0x56: "UNICODE", 0x64: "DICT", 0x6C: "LIST", 0x67: "GET",
    0x70: "PUT", 0x96: "BYTEARRAY8", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
  ]
}
