import Catalogs
import Support
import Testing

@testable import Archives
@testable import Formats

/// Pickles that would run something, take all memory, or read what is not theirs: each is refused
/// with words of its own, and nothing happens.
@Suite struct PickleAttackTests {
  struct Attack: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var words: String
    var pickle: [UInt8]

    init(_ name: String, _ words: String, _ pickle: [UInt8], version: UInt8 = 2) {
      (testDescription, self.words, self.pickle) = (name, words, [0x80, version] + pickle)
    }
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }
  static func text(_ text: String) -> [UInt8] { [0x55, UInt8(text.utf8.count)] + Array(text.utf8) }
  static func number(_ value: Int32) -> [UInt8] {
    [0x4A] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  static func long(_ bytes: [UInt8]) -> [UInt8] { [0x8A, UInt8(bytes.count)] + bytes }

  /// A view of storage 0, which has four Float32 elements.
  static func view(
    offset: [UInt8], shape: [[UInt8]], strides: [[UInt8]], count: Int32 = 4
  ) -> [UInt8] {
    let storage: [UInt8] =
      [0x28] + text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu")
      + number(count) + [0x74, 0x51]
    return global("torch._utils", "_rebuild_tensor_v2") + [0x28] + storage + offset
      + [0x28] + shape.joined() + [0x74, 0x28] + strides.joined() + [0x74, 0x89, 0x7D, 0x74, 0x52]
      + [0x2E]
  }

  static let attacks: [Attack] = [
    Attack(
      "os.system", "posix.system",
      global("posix", "system") + text("touch /tmp/wsl-owned") + [0x85, 0x52, 0x2E]),
    Attack(
      "eval", "builtins.eval", global("builtins", "eval") + text("1") + [0x85, 0x52, 0x2E]),
    Attack("eval of Python 2", "__builtin__.eval", global("__builtin__", "eval") + [0x2E]),
    // Noted as what it was asked for, and never called.
    Attack("getattr", "holds no tensor", global("builtins", "getattr") + [0x2E]),
    Attack(
      "getattr of what runs things", "builtins.getattr",
      global("builtins", "getattr") + text("x") + text("__reduce__") + [0x86, 0x52, 0x2E]),
    Attack(
      "a name with dots", "torch.serialization.os.system",
      global("torch.serialization", "os.system") + [0x2E]),
    Attack(
      "a file of PyTorch that runs code", "torch.load",
      global("torch", "load") + text("x") + [0x85, 0x52, 0x2E]),
    Attack("a class of a script", "__torch__.Evil", global("__torch__", "Evil") + [0x2E]),
    Attack("STACK_GLOBAL", "STACK_GLOBAL", text("os") + text("system") + [0x93, 0x2E]),
    Attack("INST", "INST", [0x28] + text("id") + Array("ios\nsystem\n".utf8) + [0x2E]),
    Attack("OBJ", "OBJ", [0x28] + global("torch", "Size") + [0x6F, 0x2E]),
    Attack("an extension", "EXT1", [0x82, 1, 0x2E]),
    Attack("an unknown operation", "0xff", [0xFF]),
    Attack("a call of a call", "calls something that is no function", [0x29, 0x29, 0x52, 0x2E]),
    Attack(
      "a call without a tuple", "without a tuple", global("torch", "Size") + [0x5D, 0x52, 0x2E]),
    Attack("nothing to take", "takes a value that is not there", [0x61, 0x2E]),
    Attack("a mark that is not there", "takes a value that is not there", [0x74, 0x2E]),
    Attack("taking beyond a mark", "takes a value that is not there", [0x4E, 0x28, 0x85, 0x2E]),
    Attack("values left over", "leaves values over", [0x4E, 0x4E, 0x2E]),
    Attack("an unknown memory", "did not tell", [0x68, 7, 0x2E]),
    Attack("a huge text", "ends in the middle", [0x58, 0xFF, 0xFF, 0xFF, 0]),
    Attack("a text of gigabytes", "a text of 4294967295 bytes", [0x58, 0xFF, 0xFF, 0xFF, 0xFF]),
    Attack("a huge integer", "ends in the middle", [0x8A, 0xFF, 1]),
    Attack("no end", "ends in the middle", [0x4E]),
    Attack("marks in marks", "nested too deeply", [UInt8](repeating: 0x28, count: 2000)),
    Attack("appending to a number", "no list", [0x4B, 1, 0x4E, 0x61, 0x2E]),
    Attack("members of a number", "sets members", [0x4B, 1, 0x4E, 0x4E, 0x73, 0x2E]),
    Attack("a state for a number", "gives a state", [0x4B, 1, 0x4E, 0x62, 0x2E]),
    Attack("another storage", "no storage", text("module") + [0x51, 0x2E]),
    Attack(
      "a dictionary in itself", "nested too deeply",
      [0x7D, 0x71, 0] + text("x") + [0x68, 0, 0x73, 0x2E]),
    Attack("nothing", "holds no tensor", [0x7D, 0x2E]),
    Attack(
      "a view past the end", "leads out of its storage",
      view(offset: number(1), shape: [number(4)], strides: [number(1)])),
    Attack(
      "strides past the end", "leads out of its storage",
      view(offset: number(0), shape: [number(2), number(2)], strides: [number(3), number(1)])),
    Attack(
      "strides that overflow", "leads out of its storage",
      view(
        offset: number(0), shape: [number(3)],
        strides: [long([0, 0, 0, 0, 0, 0, 0, 0x60])])),
    Attack(
      "a negative offset", "negative",
      view(offset: number(-1), shape: [number(1)], strides: [number(1)])),
    Attack(
      "negative strides", "strides are negative",
      view(offset: number(3), shape: [number(4)], strides: [number(-1)])),
    Attack(
      "a negative length", "negative",
      view(offset: number(0), shape: [number(-4)], strides: [number(1)])),
    Attack(
      "a shape that overflows", "overflows",
      view(
        offset: number(0), shape: [long([0, 0, 0, 0, 0, 0, 0, 0x40]), number(4)],
        strides: [number(0), number(0)])),
    Attack(
      "a shape of 2^80", "arguments that it cannot have",
      view(
        offset: number(0), shape: [long([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])],
        strides: [number(0)])),
    Attack(
      "a storage that claims more", "claims 4000 bytes, and 16 are stored",
      view(offset: number(0), shape: [number(1)], strides: [number(1)], count: 1000)),
    Attack(
      "elements repeated to petabytes", "absurd",
      view(
        offset: number(0), shape: [number(1 << 30), number(1 << 20)],
        strides: [number(0), number(0)])),
  ]

  /// Reads a pickle as if it were that of a file with a storage of 16 bytes.
  static func open(_ pickle: [UInt8]) throws -> ParsedFile {
    let scratch = try ScratchFile.make("test")
    try [UInt8](repeating: 0, count: 16).withUnsafeBytes {
      try writeFully($0, to: scratch.descriptor, at: 0)
    }
    let file = try OpenFile(owning: duplicate(scratch.descriptor), path: "x.pt")
    var machine = PickleMachine()
    var input = PickleInput(pickle)
    let root = try machine.read(&input)
    return try PyTorchFile.parsed(
      machine, root: root, storages: ["0": .init(offset: 0, byteCount: 16)], file: file,
      isBigEndian: false, container: "zip")
  }

  @Test(arguments: attacks)
  func isRefused(attack: Attack) {
    let error = #expect(throws: Diagnostic.self) { try Self.open(attack.pickle) }
    let line = error?.description ?? ""
    #expect(error?.code == .badData && line.contains(attack.words), "\(line)")
  }

  @Test func dictionariesThatDoubleAreRefused() {
    // Thirty levels, each of which holds the one before twice.
    var pickle: [UInt8] = [0x80, 2, 0x28, 0x7D, 0x71, 0]
    for level in 1...30 {
      pickle += [0x7D] + Self.text("a") + [0x68, UInt8(level - 1), 0x73]
      pickle += Self.text("b") + [0x68, UInt8(level - 1), 0x73, 0x71, UInt8(level)]
    }
    pickle += [0x74, 0x2E]
    let error = #expect(throws: Diagnostic.self) { try Self.open(pickle) }
    #expect(error?.message.contains("too often") == true, "\(String(describing: error))")
  }

  @Test(arguments: [0, 1, 6, 255])
  func otherProtocolsAreNamed(version: Int) {
    let error = #expect(throws: Diagnostic.self) {
      try Self.open([0x80, UInt8(version), 0x7D, 0x2E])
    }
    #expect(error?.message.contains("protocol \(version)") == true)
  }

  @Test func aSoundViewIsTaken() throws {
    let parsed = try Self.open(
      [0x80, 2]
        + Self.view(
          offset: Self.number(0), shape: [Self.number(2), Self.number(2)],
          strides: [Self.number(1), Self.number(2)]))
    #expect(parsed.catalog.tensors.first?.layout == .strided(offset: 0, strides: [1, 2]))
  }
}
