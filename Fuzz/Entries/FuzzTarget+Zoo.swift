import Archives
import Catalogs
import Glibc
import Support
import Tensors

@testable import Formats
@testable import WeightFiles
@testable import ZooIndex
@testable import ZooSpecs

extension FuzzTarget {
  /// The table of a packed zoo, then a byte 0, then what its members lie in.
  func parsePacked(_ bytes: [UInt8]) throws {
    let end = bytes.firstIndex(of: 0) ?? bytes.count
    let data = Array(bytes[end...].dropFirst())
    let file = try scratch(data, "x.h5")
    let source = TensorSource(
      storage: .file(file, offset: 0, isBigEndian: false), elementType: .uint8)
    let zoo = try PackedZoo(
      table: Array(bytes[..<end]), data: TensorRanges(source), byteCount: data.count, path: "x")
    for member in zoo.members.prefix(4) {
      // Elements are read where a tensor declares few, as those of other files.
      let pieces = member.pieces.pieces
      guard member.restByteCount <= Self.elementByteLimit,
        pieces.allSatisfy({ $0.byteCount.map { $0 <= Self.elementByteLimit / 16 } ?? true })
      else { continue }
      do { _ = try zoo.bytes(of: member) } catch is Diagnostic {}
      for piece in pieces.prefix(4) {
        do { _ = try zoo.elements(of: piece.name, in: member) } catch is Diagnostic {}
      }
    }
  }

  /// A shard of a scan, as `wsl zoo merge` opens it.
  func parseShard(_ bytes: [UInt8]) throws {
    let path = "/dev/shm/wsl-fuzz-\(getpid()).sqlite"
    let file = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0o600)
    precondition(file >= 0, "no file in memory")
    defer {
      close(file)
      unlink(path)
    }
    try bytes.withUnsafeBytes { try writeFully($0, to: file, at: 0) }
    let shard = try ShardContents(path)
    defer { shard.close() }
    for model in shard.models.prefix(8) { _ = try shard.outcomes(of: model.id) }
  }

  /// Where a tensor's bytes lie, as an index has it.
  func parseStorage(_ bytes: [UInt8]) throws {
    let entry = try StorageCode.decode(bytes, name: "x", shape: [2, 3], elementType: .float32)
    let file = try scratch([UInt8](repeating: 1, count: 64), "x.h5")
    guard TensorReader(file: file, entry: entry).isDecodable else { return }
    try read(ParsedFile(.hdf5, file, tensors: [entry]))
  }

  /// The spec of a zoo, and of how one lies in folders.
  func parseSpec(_ bytes: [UInt8]) throws {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    try ZooSpec.$modelLimit.withValue(64) {
      do { _ = try IndexSpec(parsing: text, file: "x.yaml") } catch is Diagnostic {}
      for recipe in try ZooSpec(parsing: text, file: "x.yaml").recipes { _ = recipe.attributes }
    }
  }

  /// A table of labels or of columns; a JSON of labels; a pattern of paths (the first line) and a
  /// path (the second).
  func parseTable(_ bytes: [UInt8]) throws {
    let lines = bytes.split(separator: 0x0A, maxSplits: 2)
    if lines.count > 1, lines[0].count <= 256, lines[1].count <= 256 {
      let texts = lines.map { String(decoding: $0, as: UTF8.self) }
      do { _ = try PathPattern(texts[0]).match(texts[1]) } catch is Diagnostic {}
    }
    do { _ = LabelReading.scalars(try JSONValue(parsing: bytes), "x") } catch is Diagnostic {}
    let table = try TableFile(parsing: bytes)
    for row in table.rows { precondition(row.count == table.columns.count, "a cell a column") }
    for cell in table.rows.joined() { _ = IndexValue(cell: cell) }
    _ = try PackedArray.spans(table, width: 100, path: "x")
  }
}
