package import Archives
import Catalogs
import Support

extension PyTorchFile {
  /// The longest pickle that is read.
  package static let pickleLimit = 256 << 20

  /// The pickle of an archive; nil where it is no file of PyTorch.
  package static func pickle(of archive: ZipArchive) -> ZipEntry? {
    archive.entries.first { entry in
      let words = entry.text.split(separator: "/", omittingEmptySubsequences: false)
      return words.last == "data.pkl" && words.count <= 2
    }
  }

  /// Reads the zip container of PyTorch 1.6 and later, and TorchScript archives.
  ///
  /// Specification: `torch/serialization.py`; `caffe2/serialize/inline_container.h`.
  ///
  /// - Throws: as `parsed`.
  package static func open(
    _ archive: ZipArchive, pickle: ZipEntry, in file: OpenFile, selection: String? = nil
  ) throws -> ParsedFile {
    let root = String(pickle.text.dropLast("data.pkl".count))
    guard archive.entries.count(where: { $0.text.hasSuffix("data.pkl") }) == 1 else {
      throw ZipArchive.damaged("it has several pickles")
    }
    let isBigEndian = try isBigEndian(archive, root, in: file)
    let isScript = archive.entries.contains { $0.text.hasPrefix(root + "code/") }
    var machine = PickleMachine()
    machine.isScript = isScript
    var input = PickleInput(try archive.contents(of: pickle, in: file, limit: pickleLimit))
    let value = try machine.read(&input)
    if isScript, let constants = archive.entry(named: root + "constants.pkl") {
      func table(_ selection: String?) throws -> ParsedFile? {
        try constantsOf(
          archive, constants, root, in: file, isBigEndian: isBigEndian, selection: selection)
      }
      var walk = try StateDictionaryWalk(machine, root: value)
      // Freezing turns the parameters into constants of the program.
      if try walk.tensorCount(value) == 0, let frozen = try table(selection) { return frozen }
      var parsed = try parsed(
        machine, root: value, storages: try storages(of: archive, below: root + "data/"),
        file: file, isBigEndian: isBigEndian, container: "TorchScript", selection: selection)
      do {
        parsed.catalog.skipped += (try table(nil)?.catalog.tensors ?? []).map {
          .init(name: $0.name, reason: "a constant of the program, no parameter")
        }
      } catch let error as Diagnostic {
        // They are no part of the network, and do not spoil it.
        parsed.catalog.skipped.append(.init(name: "CONSTANTS", reason: error.message))
      }
      return parsed
    }
    return try parsed(
      machine, root: value, storages: try storages(of: archive, below: root + "data/"), file: file,
      isBigEndian: isBigEndian, container: isScript ? "TorchScript" : "zip", selection: selection)
  }

  /// The tensors that a program holds as constants, by the names that its code has for them; nil where
  /// there are none.
  private static func constantsOf(
    _ archive: ZipArchive, _ entry: ZipEntry, _ root: String, in file: OpenFile, isBigEndian: Bool,
    selection: String?
  ) throws -> ParsedFile? {
    var machine = PickleMachine()
    machine.isScript = true
    var input = PickleInput(try archive.contents(of: entry, in: file, limit: pickleLimit))
    let value = try machine.read(&input)
    let members = (machine.elements(of: value) ?? []).enumerated().map { index, element in
      machine.push(.text("c\(index)"))
      return (key: PickleReference(machine.nodes.count - 1), value: element)
    }
    guard
      members.contains(where: { if case .tensor = machine[$0.value] { true } else { false } })
    else { return nil }
    machine.dictionaries.append(members)
    machine.push(.dictionary(machine.dictionaries.count - 1))
    let table = PickleReference(machine.nodes.count - 1)
    machine.push(.text("CONSTANTS"))
    machine.dictionaries.append([(PickleReference(machine.nodes.count - 1), table)])
    machine.push(.dictionary(machine.dictionaries.count - 1))
    return try parsed(
      machine, root: PickleReference(machine.nodes.count - 1),
      storages: try storages(of: archive, below: root + "constants/"), file: file,
      isBigEndian: isBigEndian, container: "TorchScript, frozen", selection: selection)
  }

  private static func isBigEndian(
    _ archive: ZipArchive, _ root: String, in file: OpenFile
  ) throws -> Bool {
    guard let order = archive.entry(named: root + "byteorder") else { return false }
    let bytes = try archive.contents(of: order, in: file, limit: 64)
    switch String(decoding: bytes, as: UTF8.self) {
    case "little": return false
    case "big": return true
    case let other: throw ZipArchive.damaged("its byte order is \"\(other.prefix(20))\"")
    }
  }

  /// Where the storages of a folder of the archive lie, by their keys.
  package static func storages(
    of archive: ZipArchive, below folder: String
  ) throws -> [String: Run] {
    var storages: [String: Run] = [:]
    for entry in archive.entries where entry.text.hasPrefix(folder) {
      storages[String(entry.text.dropFirst(folder.count))] = try run(of: entry)
    }
    return storages
  }

  /// Where the bytes of a member lie.
  package static func run(of entry: ZipEntry) throws -> Run {
    guard entry.flags & 1 == 0 else { throw ZipArchive.damaged("\(entry.text) is encrypted") }
    switch ZipEntry.Method(rawValue: entry.method) {
    case .stored:
      guard entry.byteCount == entry.storedByteCount else {
        throw ZipArchive.damaged("the sizes of \(entry.text) contradict each other")
      }
      return Run(offset: entry.dataOffset, byteCount: entry.byteCount)
    case .deflated:
      return Run(
        offset: entry.dataOffset, byteCount: entry.byteCount,
        deflated: TensorEntry.DeflatedRun(
          offset: entry.dataOffset, storedByteCount: entry.storedByteCount,
          byteCount: entry.byteCount, checksum: entry.checksum))
    case nil:
      throw ZipArchive.damaged("\(entry.text) is compressed in a way that is not read")
    }
  }

  /// Reads a file of PyTorch's that is a range of another one, stored as it is. Offsets count in that
  /// one.
  ///
  /// - Throws: as `parsed`.
  package static func openNested(
    _ range: Range<Int>, called name: String, in file: OpenFile, selection: String? = nil
  ) throws -> ParsedFile {
    let window = try OpenFile(
      member: MemberPath(archive: file.path, member: name), of: file, range: range)
    let archive = try ZipArchive(window)
    guard let pickle = pickle(of: archive) else {
      throw Diagnostic(.badData, "\(name) is no file of PyTorch's")
    }
    let inner = try open(archive, pickle: pickle, in: window, selection: selection)
    var catalog = inner.catalog
    catalog.tensors = inner.catalog.tensors.map { $0.shifted(by: range.lowerBound) }
    catalog.file = file.path
    return try ParsedFile(catalog, parts: [file])
  }
}

extension TensorEntry {
  /// The same tensor, where its bytes begin so much later in the file.
  func shifted(by count: Int) -> TensorEntry {
    func shift(_ layout: Layout) -> Layout {
      switch layout {
      case .contiguous(let offset): return .contiguous(offset: offset + count)
      case .strided(let offset, let strides):
        return .strided(offset: offset + count, strides: strides)
      case .negated(let inner): return .negated(shift(inner))
      case .quantised(let type, let offset):
        return .quantised(type, offset: offset + count)
      case .deflated(var run, let inner):
        run.offset += count
        return .deflated(run, inner)
      case .chunked, .inline, .unallocated: return layout
      }
    }
    var result = self
    result.layout = shift(layout)
    if let run = checkedRun {
      result.checkedRun = CheckedRun(
        range: (run.range.lowerBound + count)..<(run.range.upperBound + count),
        checksum: run.checksum)
    }
    return result
  }
}
