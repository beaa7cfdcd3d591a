package import Archives
import Support
import Tensors

extension PyTorchFile {
  /// Whether a tar archive is a file of PyTorch.
  package static func isTar(_ archive: TarArchive) -> Bool {
    ["storages", "tensors", "pickle"].allSatisfy { archive.members[$0] != nil }
  }

  /// Reads the container of PyTorch before 0.1.10: a tar archive of `storages` (each a pickle that
  /// names it, its count and its bytes, then their views), `tensors` (a pickle, then shape, strides
  /// and offset) and `pickle`, which names tensors by number.
  ///
  /// Specification: `legacy_load` within `_legacy_load` in `torch/serialization.py`.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  package static func openTar(
    _ archive: TarArchive, _ file: OpenFile, selection: String?
  ) throws -> ParsedFile {
    guard let storages = archive.members["storages"], let tensors = archive.members["tensors"],
      let pickle = archive.members["pickle"]
    else { throw TarArchive.damaged("it is not one that PyTorch wrote") }
    var reader = TarReader()
    var input = PickleInput(file, from: storages.lowerBound, to: storages.upperBound)
    try reader.read(storages: &input)
    input = PickleInput(file, from: tensors.lowerBound, to: tensors.upperBound)
    try reader.read(tensors: &input)
    reader.machine.numberedTensors = reader.tensors
    input = PickleInput(file, from: pickle.lowerBound, to: pickle.upperBound)
    let root = try reader.machine.read(&input)
    return try parsed(
      reader.machine, root: root, storages: reader.runs, file: file, isBigEndian: false,
      container: "tar", selection: selection)
  }
}

/// Collects what the two tables of a tar container tell.
private struct TarReader {
  var machine = PickleMachine()
  /// Where the storages lie, by their numbers as text.
  var runs: [String: PyTorchFile.Run] = [:]
  /// The tensors by their numbers.
  var tensors: [Int: PickleTensor] = [:]
  private var storages: [Int: PickleStorage] = [:]

  mutating func read(storages input: inout PickleInput) throws {
    for _ in 0..<(try integer(&input)) {
      let value = try machine.read(&input)
      guard let parts = machine.elements(of: value), parts.count == 3,
        let number = number(parts[0]), case .symbol(let name) = machine[parts[2]]
      else { throw Self.damaged("storages") }
      let kind = name.split(separator: ".").last.map(String.init) ?? name
      let count = try input.field(UInt64.self)
      guard let count = Int(exactly: count),
        let byteCount = checkedProduct([count, PickleSymbols.storageByteCount(kind)]),
        byteCount <= input.remaining
      else {
        throw Diagnostic(
          .badData, "its storage \(number) claims \(count) elements, and the file ends before",
          remedy: "the file is truncated: copy or download it again")
      }
      guard storages[number] == nil else { throw Self.damaged("storages") }
      storages[number] = PickleStorage(key: String(number), kind: kind, count: count)
      runs[String(number)] = .init(offset: input.position, byteCount: byteCount)
      try input.skip(byteCount)
    }
    let views = try machine.read(&input)
    for view in machine.elements(of: views) ?? [] {
      guard let parts = machine.integers(of: view), parts.count == 4, storages[parts[0]] == nil,
        var storage = storages[parts[1]], storage.viewOffset == 0, parts[2] >= 0, parts[3] >= 0,
        parts[2] <= storage.count, parts[3] <= storage.count - parts[2]
      else { throw Self.damaged("views of storages") }
      (storage.viewOffset, storage.count) = (parts[2], parts[3])
      storages[parts[0]] = storage
    }
  }

  mutating func read(tensors input: inout PickleInput) throws {
    for _ in 0..<(try integer(&input)) {
      let value = try machine.read(&input)
      guard let parts = machine.elements(of: value), parts.count == 3,
        let number = number(parts[0]), let root = self.number(parts[1]),
        let storage = storages[root], tensors[number] == nil
      else { throw Self.damaged("tensors") }
      // Four bytes of axes, and four that nothing reads.
      let rank = Int(try input.field(UInt32.self))
      try input.skip(4)
      guard rank <= 64 else { throw Self.damaged("tensors") }
      let numbers = try (0..<(2 * rank + 1)).map { _ in
        Int(Int64(bitPattern: try input.field(UInt64.self)))
      }
      tensors[number] = PickleTensor(
        storage: storage, offset: numbers[2 * rank], shape: Array(numbers[..<rank]),
        strides: Array(numbers[rank..<(2 * rank)]))
    }
  }

  private mutating func integer(_ input: inout PickleInput) throws -> Int {
    let value = try machine.read(&input)
    guard case .integer(let count) = machine[value], count >= 0 else {
      throw Self.damaged("numbers of storages and tensors")
    }
    return count
  }

  private func number(_ reference: PickleReference) -> Int? {
    machine.text(reference).flatMap { Int($0) }
  }

  private static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(
      .badData, "its list of \(what) makes no sense", remedy: "copy or download the file again")
  }
}
