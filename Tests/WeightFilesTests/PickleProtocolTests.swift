import Catalogs
import Formats
import Support
import Testing

@testable import WeightFiles

/// What runs things is refused in every protocol and wherever it stands; all else is taken for what it
/// is, and nothing is called.
@Suite struct PickleProtocolTests {
  typealias Attack = PickleAttackTests.Attack

  static func global(_ module: String, _ name: String) -> [UInt8] {
    PickleAttackTests.global(module, name)
  }
  static func text(_ text: String) -> [UInt8] { PickleAttackTests.text(text) }
  static func number(_ value: Int32) -> [UInt8] { PickleAttackTests.number(value) }
  static func short(_ text: String) -> [UInt8] {
    [0x8C, UInt8(text.utf8.count)] + Array(text.utf8)
  }
  static func stackGlobal(_ module: String, _ name: String) -> [UInt8] {
    short(module) + short(name) + [0x93]
  }

  /// A state dict of one sound tensor, and a value beside it.
  static func checkpoint(beside value: [UInt8]) -> [UInt8] {
    let tensor = PickleAttackTests.view(offset: number(0), shape: [number(4)], strides: [number(1)])
      .dropLast()
    return [0x7D] + text("state_dict") + [0x7D] + text("w") + tensor + [0x73, 0x73] + text("x")
      + value + [0x73, 0x2E]
  }

  /// What runs things is refused in every protocol and wherever it stands; the rest is taken for what
  /// it is.
  static let laterAttacks: [Attack] = [
    Attack(
      "os.system of protocol 4", "posix.system",
      stackGlobal("posix", "system") + short("id") + [0x85, 0x52, 0x2E], version: 4),
    Attack(
      "a name in a module that is not refused", "torch.nn.modules.os.system",
      stackGlobal("torch.nn.modules", "os.system") + [0x2E], version: 4),
    Attack(
      "a name of a number", "a name that is no text", [0x4B, 1, 0x4B, 1, 0x93, 0x2E], version: 4),
    Attack(
      "eval beside a state dict", "builtins.eval",
      checkpoint(beside: global("builtins", "eval") + text("1") + [0x85, 0x52])),
    Attack(
      "subprocess beside a state dict", "subprocess.Popen",
      checkpoint(beside: global("subprocess", "Popen") + text("id") + [0x85, 0x52])),
    Attack(
      "code of another file beside a state dict", "torch.hub.load",
      checkpoint(beside: global("torch.hub", "load"))),
    Attack(
      "a pickle in a pickle", "torch.storage._load_from_bytes",
      checkpoint(beside: global("torch.storage", "_load_from_bytes"))),
    Attack(
      "a way to everything in two steps", "builtins.getattr",
      checkpoint(
        beside: global("builtins", "getattr") + global("torch", "Size") + text("__globals__")
          + [0x86, 0x52])),
    Attack(
      "a buffer outside of the pickle", "NEXT_BUFFER", [0x97, 0x2E], version: 5),
    Attack(
      "bytes of gigabytes", "ends in the middle", [0x8E] + [UInt8](repeating: 0x7F, count: 8),
      version: 4),
    Attack(
      "bytes of 2^63", "ends in the middle", [0x8E] + [UInt8](repeating: 0xFF, count: 8), version: 4
    ),
    Attack(
      "a text of gigabytes", "ends in the middle",
      [0x8D] + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], version: 4),
    Attack(
      "a frame past the end", "ends in the middle",
      [0x95] + [UInt8](repeating: 1, count: 8) + [0x2E], version: 4),
    Attack("taking a mark away", "takes a value that is not there", [0x30, 0x2E]),
    Attack(
      "an operation of a later protocol", "FRAME", [0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0x2E], version: 3),
    Attack("bytes of a later protocol", "SHORT_BINBYTES", [0x43, 1, 0, 0x2E]),
    Attack("a class of nobody's", "a.B", stackGlobal("a", "B") + [0x29, 0x81, 0x2E], version: 4),
    Attack(
      "lists that double", "copies",
      Array(
        [[0x5D, 0x71, 0, 0x28] + [UInt8](repeating: 0x4E, count: 4000) + [0x65]]
          .joined())
        + (0..<4000).flatMap { _ in
          global("builtins", "list") + [0x68, 0, 0x85, 0x52, 0x30]
        } + [0x2E]),
  ]

  @Test(arguments: laterAttacks)
  func isRefusedToo(attack: Attack) {
    let error = #expect(throws: Diagnostic.self) { try PickleAttackTests.open(attack.pickle) }
    let line = error?.description ?? ""
    #expect(error?.code == .badData && line.contains(attack.words), "\(line)")
  }

  /// Objects that hold each other, as whole modules and trainers do, are no danger: each is looked
  /// into once.
  @Test func objectsThatHoldEachOtherAreRead() throws {
    // Thirty objects, each with all that were made before as attributes, and the first with the last.
    var pickle: [UInt8] = [0x80, 2] + PickleAttackTests.global("a", "B") + [0x71, 0, 0x30]
    for level in 1...30 {
      pickle += [0x68, 0, 0x29, 0x81, 0x71, UInt8(level), 0x7D]
      for other in 1...level {
        pickle += PickleAttackTests.text("o\(other)") + [0x68, UInt8(other), 0x73]
      }
      if level == 30 {
        pickle +=
          PickleAttackTests.text("w")
          + PickleAttackTests.view(
            offset: PickleAttackTests.number(0), shape: [PickleAttackTests.number(4)],
            strides: [PickleAttackTests.number(1)]
          )
          .dropLast() + [0x73]
      }
      pickle += [0x62]
      if level < 30 { pickle += [0x30] }
    }
    let parsed = try PickleAttackTests.open(pickle + [0x2E])
    #expect(parsed.catalog.tensors.map(\.name) == ["w"])
  }

  @Test(arguments: [
    PickleAttackTests.global("numpy._core.multiarray", "scalar") + PickleAttackTests.text("f8") + [
      0x85, 0x52,
    ],
    PickleAttackTests.global("my.package", "Config") + [0x29, 0x81, 0x7D, 0x62],
    PickleAttackTests.global("my.package", "List") + [0x29, 0x81, 0x4E, 0x61],
    PickleAttackTests.global("my.package", "Dict") + [0x29, 0x81, 0x4E, 0x4E, 0x73],
    PickleAttackTests.global("my.package", "make") + [0x29, 0x52, 0x29, 0x52],
    PickleAttackTests.global("functools", "partial")
      + PickleAttackTests.global("torch.nn", "LayerNorm") + [0x85, 0x52],
    PickleAttackTests.global("builtins", "getattr")
      + PickleAttackTests.global("my.package", "Color") + PickleAttackTests.text("RED")
      + [0x86, 0x52],
  ])
  func whatLiesBesideDoesNotMatter(value: [UInt8]) throws {
    let parsed = try PickleAttackTests.open([0x80, 2] + Self.checkpoint(beside: value))
    #expect(parsed.catalog.tensors.map(\.name) == ["w"] && parsed.catalog.skipped.isEmpty)
  }
}
