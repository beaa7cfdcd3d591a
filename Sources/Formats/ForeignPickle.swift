import Archives
import CHDF5
import Support

/// A pickle of Python that is none of PyTorch's, as pickle and joblib write it. It is told what it is by
/// the names in its first bytes, and never opened: a pickle can run anything when it is loaded.
///
/// Specification: `pickletools` of Python.
struct ForeignPickle {
  /// How it is compressed, in words; nil where it is not.
  private var compression: String?
  /// The classes and functions that it asks for, the first few.
  private var names: [String] = []

  private static let startByteCount = 64 << 10
  /// The number that begins PyTorch's streams of pickles.
  private static let torchMagic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  /// Looks at a file; nil where it is no such pickle.
  ///
  /// - Throws: `Diagnostic` where it cannot be read.
  init?(_ file: OpenFile) throws {
    var start = try file.bytes(at: 0, count: Self.startByteCount)
    let hasItsName = [".pkl", ".pickle", ".joblib"].contains {
      file.path.lowercased().hasSuffix($0)
    }
    if let inner = Self.inflated(start) {
      guard Self.isPickle(inner) else { return nil }
      (start, compression) = (inner, "zlib")
    } else if hasItsName, let name = Self.compression(of: start) {
      compression = name
      return
    } else if Self.isPickle(start) {
      if Self.holds(start.prefix(64), Self.torchMagic) { return nil }
    } else {
      // The end is read of what begins so: it may have to be unpacked.
      guard Self.beginsOldPickle(start),
        try file.bytes(at: file.byteCount - 1, count: 1).first == UInt8(ascii: ".")
      else { return nil }
    }
    names = Self.names(in: start)
  }

  /// What to say of it.
  var refusal: Diagnostic {
    let isJoblib = compression != nil || names.contains { $0.hasPrefix("joblib.") }
    let known = [
      "numpy.", "joblib.", "copyreg.", "copy_reg.", "collections.", "builtins.", "_codecs.",
    ]
    let own = names.filter { name in
      !known.contains { name.hasPrefix($0) } && !name.hasPrefix("__builtin__.")
    }
    let isTorch = own.first?.hasPrefix("torch.") == true
    let what =
      isTorch
      ? " of PyTorch's tensors"
      : own.first.map { " of \($0)" }
        ?? (names.contains { $0.hasPrefix("numpy.") } ? " of NumPy arrays" : "")
    let writer = isJoblib ? ", as joblib writes it" : ""
    let packed = compression.map { " (compressed with \($0))" } ?? ""
    return Diagnostic(
      .badData,
      "this is a Python pickle\(what)\(writer)\(packed), and not one of PyTorch's: it can run "
        + "anything when it is loaded, and is never opened",
      remedy: isTorch
        ? "load it in Python, and save it with torch.save or as safetensors"
        : "load it in Python, and save its arrays with numpy.savez or as safetensors")
  }

  /// A pickle of protocol 2 to 5, unless the length that begins a safetensors file looks like one.
  private static func isPickle(_ start: [UInt8]) -> Bool {
    guard start.count > 2, start[0] == 0x80, (2...5).contains(start[1]) else { return false }
    return !(start.count > 8 && start[4..<8].allSatisfy { $0 == 0 } && start[8] == 0x7B)
  }

  /// The beginning of a pickle of protocol 0 or 1: a container or a class, noted under a number or not.
  /// Such a pickle ends with a full stop.
  private static func beginsOldPickle(_ start: [UInt8]) -> Bool {
    guard start.count > 3 else { return false }
    if start[0] == UInt8(ascii: "c") { return global(start, at: 0) != nil }
    let isContainer = [UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "(")].contains(start[0])
    let rest = start.dropFirst(start[0] == UInt8(ascii: "(") ? 2 : 1)
    let isMade = start[0] != UInt8(ascii: "(") || "dlit".utf8.contains(start[1])
    guard isContainer, isMade, let mark = rest.first else { return false }
    if mark == UInt8(ascii: "q") { return true }
    let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
    let end = rest.startIndex + 1 + digits.count
    return mark == UInt8(ascii: "p") && !digits.isEmpty && end < start.count && start[end] == 0x0A
  }

  /// The first bytes of what a zlib stream holds; nil where it is none.
  private static func inflated(_ start: [UInt8]) -> [UInt8]? {
    guard start.count > 8, start[0] == 0x78, (Int(start[0]) << 8 | Int(start[1])) % 31 == 0 else {
      return nil
    }
    let stored = Array(start.dropFirst(2))
    var result = [UInt8](repeating: 0, count: startByteCount)
    let written = chdf5_inflate_prefix(stored, stored.count, &result, result.count)
    return written > 0 ? Array(result.prefix(Int(written))) : nil
  }

  /// What compressed a file that only its name calls a pickle; joblib has these.
  private static func compression(of start: [UInt8]) -> String? {
    let magics: [([UInt8], String)] = [
      ([0x42, 0x5A, 0x68], "bzip2"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"),
      ([0x5D, 0, 0], "lzma"), ([0x04, 0x22, 0x4D, 0x18], "lz4"), (Array("ZF0x".utf8), "zlib"),
    ]
    return magics.first { start.starts(with: $0.0) }?.1
  }

  private static func holds(_ bytes: ArraySlice<UInt8>, _ part: [UInt8]) -> Bool {
    bytes.indices.contains { bytes[$0...].starts(with: part) }
  }

  /// The names that operations ask for: two lines after a `c`, or two short texts before the operation
  /// that takes a name from the stack. Found by what they look like: only for a message.
  private static func names(in bytes: [UInt8]) -> [String] {
    var names: [String] = []
    var place = bytes.startIndex
    while place < bytes.endIndex, names.count < 16 {
      defer { place += 1 }
      var name: String?
      if bytes[place] == UInt8(ascii: "c"), let found = global(bytes, at: place) {
        name = found
        // A `c` within the name begins none.
        place += found.utf8.count + 1
      } else if bytes[place] == 0x8C, let module = shortText(bytes, at: place),
        let member = shortText(bytes, at: module.end), bytes[member.end...].first == 0x93
      {
        name = identifier(module.text).flatMap { module in
          identifier(member.text).map { "\(module).\($0)" }
        }
      }
      if let name, !names.contains(name) { names.append(name) }
    }
    return names
  }

  private static func global(_ bytes: [UInt8], at place: Int) -> String? {
    let module = bytes[(place + 1)...].prefix(100).prefix { $0 != 0x0A }
    guard module.endIndex < bytes.count else { return nil }
    let member = bytes[(module.endIndex + 1)...].prefix(100).prefix { $0 != 0x0A }
    guard member.endIndex < bytes.count, let first = identifier(module),
      let second = identifier(member)
    else { return nil }
    return "\(first).\(second)"
  }

  /// A text with its length in a byte, and what notes it under a number after it.
  private static func shortText(
    _ bytes: [UInt8], at place: Int
  ) -> (text: ArraySlice<UInt8>, end: Int)? {
    guard place + 1 < bytes.count, bytes[place] == 0x8C else { return nil }
    var end = place + 2 + Int(bytes[place + 1])
    guard end < bytes.count else { return nil }
    let text = bytes[(place + 2)..<end]
    if bytes[end] == 0x94 { end += 1 }
    return end < bytes.count ? (text, end) : nil
  }

  /// The text, where it is a name with dots.
  private static func identifier(_ bytes: ArraySlice<UInt8>) -> String? {
    let isName = bytes.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
    guard isName, let first = bytes.first, !(0x30...0x39).contains(first) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
