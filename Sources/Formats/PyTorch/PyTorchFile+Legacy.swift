package import Archives
import Support
import Tensors

extension PyTorchFile {
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// Reads a file that is a stream of pickles; nil where it is none.
  ///
  /// - Throws: as `parsed`.
  package static func openStream(_ file: OpenFile, selection: String?) throws -> ParsedFile? {
    if let foreign = try ForeignPickle(file) { throw foreign.refusal }
    let start = try file.bytes(at: 0, count: 16)
    guard start.count > 2, start[0] == 0x80, (2...5).contains(start[1]) else { return nil }
    // The length that begins a safetensors file looks the same.
    if start.count > 8, start[4..<8].allSatisfy({ $0 == 0 }), start[8] == 0x7B { return nil }
    return try openLegacy(file, selection: selection)
  }

  /// Reads the container of PyTorch 0.1.10 to 1.5: five pickles (magic number, protocol, system,
  /// object, keys of the storages), then each storage's count and bytes.
  ///
  /// Specification: `_legacy_load` in `torch/serialization.py`.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  package static func openLegacy(_ file: OpenFile, selection: String? = nil) throws -> ParsedFile {
    var input = PickleInput(file, from: 0, to: file.byteCount)
    var machine = PickleMachine()
    let start = try machine.read(&input)
    guard case .wideInteger(magic) = machine[start] else {
      throw PickleMachine.refusal(
        "this is a Python pickle, and not one of PyTorch's",
        remedy: "save the weights with torch.save, safetensors or NumPy")
    }
    let version = try machine.read(&input)
    guard case .integer(1001) = machine[version] else {
      throw Diagnostic(.badData, "its version of PyTorch's legacy format is not known")
    }
    let system = try machine.read(&input)
    let root = try machine.read(&input)
    let keys = try machine.read(&input)
    guard let list = machine.elements(of: keys) else {
      throw Diagnostic(.badData, "its list of storages is missing")
    }
    // The counts count elements, whose size the pickle told.
    var sizes: [String: Int] = [:]
    for case .storage(let storage) in machine.nodes {
      sizes[storage.key] = PickleSymbols.storageByteCount(storage.kind)
    }
    var storages: [String: Run] = [:]
    for reference in list {
      guard let key = machine.text(reference), let size = sizes[key], storages[key] == nil else {
        throw Diagnostic(.badData, "its list of storages does not fit its tensors")
      }
      let count = try input.field(UInt64.self)
      guard let count = Int(exactly: count), let byteCount = checkedProduct([count, size]),
        byteCount <= input.remaining
      else {
        throw Diagnostic(
          .badData, "its storage \(key) claims \(count) elements, and the file ends before",
          remedy: "the file is truncated: copy or download it again")
      }
      storages[key] = Run(offset: input.position, byteCount: byteCount)
      try input.skip(byteCount)
    }
    return try parsed(
      machine, root: root, storages: storages, file: file,
      isBigEndian: isBigEndian(machine, system), container: "legacy", selection: selection)
  }

  private static func isBigEndian(_ machine: PickleMachine, _ system: PickleReference) -> Bool {
    guard case .dictionary(let dictionary) = machine[system] else { return false }
    return machine.dictionaries[dictionary].contains { key, value in
      guard case .truth(false) = machine[value] else { return false }
      return machine.text(key) == "little_endian"
    }
  }
}
