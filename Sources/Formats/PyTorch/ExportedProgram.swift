package import Archives
import Catalogs
import Support

/// A program that `torch.export.save` wrote, `.pt2`: a zip archive with the program as JSON and its
/// weights beside it. Only the weights are read.
///
/// Specification: `torch/export/pt2_archive` (PyTorch 2.7 and later: `data/weights/`, as files of
/// their own from 2.9 on); `torch/export/__init__.py` before (`serialized_state_dict.pt`).
package enum ExportedProgram {
  private static let documentLimit = 256 << 20

  /// Whether an archive is a program, or a package of compiled ones.
  package static func isArchive(_ archive: ZipArchive) -> Bool {
    archive.entries.contains { entry in
      let words = entry.text.split(separator: "/")
      return words.last == "serialized_exported_program.json"
        || words.count == 2 && words[1] == "archive_format"
        || entry.text.contains("/aotinductor/") || entry.text.hasPrefix("aotinductor/")
    }
  }

  /// Reads the weights.
  ///
  /// - Throws: `Diagnostic`: `badData` where the archive is damaged, or holds no weights that can be
  ///   had; `noInput` where nothing has the selected name.
  package static func open(
    _ archive: ZipArchive, in file: OpenFile, selection: String?
  ) throws -> ParsedFile {
    for entry in archive.entries where entry.text.hasSuffix("_weights_config.json") {
      return try listed(archive, entry, in: file, selection: selection)
    }
    let nested = archive.entries.first { entry in
      entry.text.split(separator: "/").last == "serialized_state_dict.pt"
        || entry.text.contains("data/weights/") && entry.text.hasSuffix(".pt")
    }
    guard let nested else {
      throw Diagnostic(
        .badData,
        "this is a program that PyTorch compiled ahead of time (AOTInductor): its weights are in the "
          + "program, and not read", remedy: "save the model's state_dict() where it was compiled")
    }
    guard ZipEntry.Method(rawValue: nested.method) == .stored, nested.flags & 1 == 0,
      nested.byteCount == nested.storedByteCount
    else {
      throw Diagnostic(
        .badData, "its weights (\(nested.text)) are compressed within it, and not read",
        remedy: "save them with torch.save(torch.export.load(FILE).state_dict, …)")
    }
    var parsed = try PyTorchFile.openNested(
      nested.dataRange, called: nested.text, in: file, selection: selection)
    parsed.catalog.attributes["", default: [:]]["container"] = .string("pt2")
    return parsed
  }

  /// The weights that a table lists, each with the file that holds its bytes.
  private static func listed(
    _ archive: ZipArchive, _ table: ZipEntry, in file: OpenFile, selection: String?
  ) throws -> ParsedFile {
    let json = try StrictJSON(
      parsing: try archive.contents(of: table, in: file, limit: documentLimit))
    guard let config = json["config"]?.members else {
      throw ZipArchive.damaged("\(table.text) lists no weights")
    }
    let folder = table.text.split(separator: "/").dropLast().joined(separator: "/") + "/"
    var machine = PickleMachine()
    var storages: [String: PyTorchFile.Run] = [:]
    var members: [(PickleReference, PickleReference)] = []
    var skipped: [Catalog.Skipped] = []
    for weight in config {
      let value = weight.value
      guard let path = value["path_name"]?.string,
        let entry = archive.entry(named: folder + path)
      else { throw ZipArchive.damaged("the file of \(weight.name) is missing") }
      if case .bool(true)? = value["use_pickle"] {
        skipped.append(
          .init(name: weight.name, reason: "a tensor of a kind that is not read: a subclass"))
        continue
      }
      let run = try PyTorchFile.run(of: entry)
      let tensor = try tensor(value["tensor_meta"], path, run)
      storages[path] = run
      machine.push(.text(weight.name))
      machine.push(.tensor(tensor))
      let place = PickleReference(machine.nodes.count)
      members.append((place - 2, place - 1))
    }
    machine.dictionaries.append(members)
    machine.push(.dictionary(machine.dictionaries.count - 1))
    machine.count(members.count, bytes: table.byteCount)
    var parsed = try PyTorchFile.parsed(
      machine, root: PickleReference(machine.nodes.count - 1), storages: storages, file: file,
      isBigEndian: false, container: "pt2", selection: selection)
    parsed.catalog.skipped += skipped
    return parsed
  }

  private static func tensor(
    _ meta: StrictJSON?, _ path: String, _ run: PyTorchFile.Run
  ) throws -> PickleTensor {
    func numbers(_ name: String) -> [Int]? {
      meta?[name]?.array.flatMap { list in
        let found = list.compactMap { $0["as_int"]?.length }
        return found.count == list.count ? found : nil
      }
    }
    guard let sizes = numbers("sizes"), let strides = numbers("strides"),
      sizes.count == strides.count, let offset = meta?["storage_offset"]?["as_int"]?.length,
      let code = meta?["dtype"]?.length
    else { throw ZipArchive.damaged("the description of \(path) is not one of a tensor") }
    return PickleTensor(
      storage: PickleStorage(key: path, kind: "UntypedStorage", count: run.byteCount),
      offset: offset, shape: sizes, strides: strides, type: types[code] ?? "type \(code)")
  }

  /// The numbers of element types in `torch/_export/serde/schema.py`.
  private static let types: [Int: String] = [
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32",
    8: "float64", 9: "complex32", 10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16",
    28: "uint16", 29: "float8_e4m3fn", 30: "float8_e5m2", 31: "float8_e4m3fnuz",
    32: "float8_e5m2fnuz", 33: "float8_e8m0fnu", 34: "uint32", 35: "uint64",
  ]
}
