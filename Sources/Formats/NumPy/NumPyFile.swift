package import Archives
import Catalogs
import CHDF5
import Support

/// NumPy's own files: one array (`.npy`), or a zip archive of them (`.npz`).
package enum NumPyFile {
  /// Reads the header of a `.npy` file. The one tensor has the name `array`.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  package static func parse(_ file: OpenFile) throws -> ParsedFile {
    do {
      let header = try NumPyHeader(try file.bytes(at: 0, count: NumPyHeader.maximalByteCount))
      var end = file.byteCount
      if try AttachmentMark(in: file) != nil { end -= AttachmentMark.byteCount }
      let entry = try header.entry(
        named: "array", offset: header.byteCount, space: end - header.byteCount)
      return try ParsedFile(.numpy, file, tensors: [entry])
    } catch let refusal as NumPyRefusal {
      throw Diagnostic(
        .badData, refusal.reason, remedy: "save it as numbers of 16 to 64 bits, or as safetensors")
    }
  }

  /// Whether an archive is a `.npz` file: one by its name, or with arrays and no other weight files.
  package static func isArchive(_ archive: ZipArchive, _ file: OpenFile) -> Bool {
    let files = archive.entries.map(\.text).filter(WeightFileName.isWeightFile)
    let isArray = { (name: String) in name.hasSuffix(".npy") }
    guard file.path.lowercased().hasSuffix(".npz") else {
      return !files.isEmpty && files.allSatisfy(isArray)
    }
    return files.contains(where: isArray) || archive.entries.contains { begins($0, file) }
  }

  /// Reads the headers of a `.npz` file. Stored members are read in place; compressed ones, and only
  /// them, are decompressed as a whole when they are asked for.
  ///
  /// - Throws: `Diagnostic` of code `badData`, inside of the member where there is one.
  package static func parse(_ archive: ZipArchive, _ file: OpenFile) throws -> ParsedFile {
    var tensors: [TensorEntry] = []
    var skipped: [Catalog.Skipped] = []
    var documents: [String: [UInt8]] = [:]
    for member in archive.entries {
      let isNamed = member.text.hasSuffix(".npy")
      // As NumPy reads it: what begins as an array is one, whatever its name.
      guard isNamed || begins(member, file) else {
        if member.text.hasSuffix(".json") {
          documents[member.text] = try archive.contents(of: member, in: file, limit: 64 << 20)
        } else {
          skipped.append(Catalog.Skipped(name: member.text, reason: "it is no array"))
        }
        continue
      }
      let name = String(member.text.dropLast(isNamed ? 4 : 0))
      do {
        // An archive may hold what is no array under the name of one, or nothing at all.
        if member.byteCount == 0 {
          throw NumPyRefusal(reason: "it is empty: there is no array in it", mayBeWeight: false)
        }
        if let start = beginning(of: member, file), !start.isEmpty,
          !start.starts(with: NumPyHeader.mark)
        {
          throw NumPyRefusal(reason: "it does not begin as an array does")
        }
        tensors.append(try entry(named: name, member, file))
      } catch let refusal as NumPyRefusal {
        let isStored = member.method == ZipEntry.Method.stored.rawValue
        var object = refusal.skipped(name, space: member.byteCount) { start in
          isStored
            ? .contiguous(offset: member.dataOffset + start)
            : .deflated(deflatedRun(of: member), .contiguous(offset: start))
        }
        if isStored {
          object.tensor?.content?.checkedRun = TensorEntry.CheckedRun(
            range: member.dataRange, checksum: member.checksum)
        }
        skipped.append(object)
      } catch let error as Diagnostic {
        throw error.inside(name)
      }
    }
    var parsed = try ParsedFile(.npz, file, tensors: tensors, skipped: skipped)
    parsed.catalog.documents = documents
    return parsed
  }

  /// Whether a member begins as an array does.
  private static func begins(_ member: ZipEntry, _ file: OpenFile) -> Bool {
    beginning(of: member, file)?.starts(with: NumPyHeader.mark) ?? false
  }

  /// The first bytes of a member; nil where they cannot be read.
  private static func beginning(of member: ZipEntry, _ file: OpenFile) -> [UInt8]? {
    guard member.flags & 1 == 0 else { return nil }
    switch ZipEntry.Method(rawValue: member.method) {
    case .stored:
      let count = min(member.storedByteCount, NumPyHeader.mark.count)
      return try? file.bytes(at: member.dataOffset, count: count)
    case .deflated: return try? start(of: deflatedRun(of: member), in: file)
    case nil: return nil
    }
  }

  private static func entry(
    named name: String, _ member: ZipEntry, _ file: OpenFile
  ) throws -> TensorEntry {
    guard member.flags & 1 == 0 else { throw NumPyRefusal(reason: "it is encrypted") }
    switch ZipEntry.Method(rawValue: member.method) {
    case .stored:
      guard member.byteCount == member.storedByteCount else {
        throw NumPyHeader.damaged("its sizes contradict each other")
      }
      let count = min(NumPyHeader.maximalByteCount, member.byteCount)
      let header = try NumPyHeader(try file.bytes(at: member.dataOffset, count: count))
      var entry = try header.entry(
        named: name, offset: member.dataOffset + header.byteCount,
        space: member.byteCount - header.byteCount)
      entry.checkedRun = TensorEntry.CheckedRun(range: member.dataRange, checksum: member.checksum)
      return entry
    case .deflated:
      let run = deflatedRun(of: member)
      let header = try NumPyHeader(try start(of: run, in: file))
      var entry = try header.entry(
        named: name, offset: header.byteCount, space: member.byteCount - header.byteCount)
      entry.layout = .deflated(run, entry.layout)
      return entry
    case nil:
      throw NumPyRefusal(
        reason: "it is compressed in a way that is not read (method \(member.method) of zip)")
    }
  }

  private static func deflatedRun(of member: ZipEntry) -> TensorEntry.DeflatedRun {
    TensorEntry.DeflatedRun(
      offset: member.dataOffset, storedByteCount: member.storedByteCount,
      byteCount: member.byteCount, checksum: member.checksum)
  }

  /// The first bytes of a compressed member.
  private static func start(of run: TensorEntry.DeflatedRun, in file: OpenFile) throws -> [UInt8] {
    // Deflate never makes more than a few bytes more of what it is given.
    let stored = try file.bytes(
      at: run.offset, count: min(run.storedByteCount, 2 * NumPyHeader.maximalByteCount))
    let count = min(NumPyHeader.maximalByteCount, run.byteCount)
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let written = chdf5_inflate_prefix(stored, stored.count, buffer.baseAddress, count)
      guard written >= 0 else { throw NumPyHeader.damaged("its compressed data are damaged") }
      initialized = written
    }
  }
}
