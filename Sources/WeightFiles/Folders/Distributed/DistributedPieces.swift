import Archives
import Catalogs
import Formats
import Glibc
import Support
import Tensors

/// Finds the pieces of a distributed checkpoint's tensors in its files.
///
/// A tensor of one piece is read where it lies. One of several is put together, in a file without a
/// name, when it is read.
struct DistributedPieces {
  /// The most pieces that are compared with each other where they do not lie one after another.
  private static let mostScattered = 1024

  private let folder: String
  private var parts: [OpenFile]
  private var numbers: [String: Int] = [:]
  private var assembled: [AssembledTensors.Target] = []
  private var assembledByteCount = 0

  /// - Parameters:
  ///   - main: the file that describes the others: the first part of the model.
  ///   - folder: what stands before the names of the others.
  init(main: OpenFile, folder: String) {
    self.folder = folder
    parts = [main]
  }

  /// The entry of a tensor, once all its pieces are known to be what the description says.
  ///
  /// - Throws: `Diagnostic`, without a location of the tensor.
  mutating func entry(
    _ tensor: DistributedMetadata.Tensor, name: String, _ type: ElementType
  ) throws -> TensorEntry {
    guard let count = checkedProduct(tensor.shape + [type.byteCount]) else {
      throw Diagnostic(.badData, "its shape \(tensor.shape) overflows")
    }
    try Self.checkCover(tensor)
    let pieces = try tensor.pieces.map { try locate($0, type) }
    if pieces.count == 1, tensor.pieces[0].shape == tensor.shape {
      var entry = pieces[0]
      entry.name = name
      return entry
    }
    let offset = assembledByteCount
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard !overflow else { throw Diagnostic(.badData, "its size overflows") }
    assembled.append(
      AssembledTensors.Target(
        shape: tensor.shape, elementType: type, offset: offset,
        pieces: zip(pieces, tensor.pieces).map { ($0, $1.offsets) }))
    assembledByteCount = (end + 63) / 64 * 64
    // Which part it is in is known when all others are.
    return TensorEntry(
      name: name, shape: tensor.shape, elementType: type, layout: .contiguous(offset: offset),
      part: -1)
  }

  /// The catalogue with its files.
  func finished(_ catalog: Catalog) throws -> ParsedFile {
    var catalog = catalog
    var parts = parts
    if catalog.tensors.contains(where: { $0.part < 0 }) {
      let scratch = try ScratchFile.make("checkpoint", onDisk: true)
      guard ftruncate(scratch.descriptor, off_t(assembledByteCount)) == 0 else {
        throw Diagnostic(
          .failed,
          "no temporary file of \(assembledByteCount) bytes can be made: "
            + systemMessage(errno), remedy: "set TMPDIR to a folder with room")
      }
      parts.append(
        try OpenFile(
          owning: try duplicate(scratch.descriptor), path: parts[0].path,
          frames: AssembledTensors(assembled, parts: parts)))
      for index in catalog.tensors.indices where catalog.tensors[index].part < 0 {
        catalog.tensors[index].part = parts.count - 1
      }
      // There is no path to what was put together.
      catalog.isAddressable = false
    }
    var parsed = try ParsedFile(catalog, parts: parts)
    // What is put together is stored once, in the other files.
    parsed.catalog.byteCount = self.parts.reduce(0) { $0 + $1.byteCount }
    return parsed
  }

  /// A piece as a tensor of the file that holds it.
  private mutating func locate(
    _ piece: DistributedMetadata.Piece, _ type: ElementType
  ) throws -> TensorEntry {
    let part = try part(of: piece.file)
    let file = parts[part]
    guard piece.range.upperBound <= file.byteCount else {
      throw Diagnostic(
        .badData, "its piece lies beyond the end of \(piece.file)",
        remedy: "the file is truncated: copy or download it again")
    }
    let parsed = try PyTorchFile.openNested(piece.range, called: piece.file, in: file)
    guard parsed.catalog.tensors.count == 1, var entry = parsed.catalog.tensors.first,
      entry.shape == piece.shape, entry.elementType == type
    else {
      throw Diagnostic(
        .badData, "its piece in \(piece.file) is not the tensor that the description says")
    }
    entry.part = part
    return entry
  }

  private mutating func part(of name: String) throws -> Int {
    if let known = numbers[name] { return known }
    let steps = name.split(separator: "/", omittingEmptySubsequences: false)
    guard steps.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), !name.utf8.contains(0)
    else {
      throw Diagnostic(
        .badData, "it is in the file \"\(name)\", which leads out of the checkpoint's folder",
        remedy: "do not use it: the checkpoint may be hostile")
    }
    let file =
      try parts[0].member == nil
      ? OpenFile(reading: folder + name) : OpenFile.opened(folder + name)
    parts.append(file)
    numbers[name] = parts.count - 1
    return parts.count - 1
  }

  /// Checks that the pieces cover the tensor, each element once.
  private static func checkCover(_ tensor: DistributedMetadata.Tensor) throws {
    let pieces = tensor.pieces
    let volumes = pieces.map { checkedProduct($0.shape) }
    let total = volumes.reduce(Int?.some(0)) { sum, volume in
      guard let sum, let volume else { return nil }
      let (next, overflow) = sum.addingReportingOverflow(volume)
      return overflow ? nil : next
    }
    let uncovered = Diagnostic(
      .badData, "its pieces do not make up a tensor of shape \(tensor.shape)",
      remedy: "the checkpoint is not whole: copy or download it again")
    guard total == checkedProduct(tensor.shape) else { throw uncovered }
    // One after another along the first axis, as sharding does it.
    var row = 0
    let isRows = pieces.sorted { ($0.offsets.first ?? 0) < ($1.offsets.first ?? 0) }.allSatisfy {
      piece in
      guard piece.offsets.first == row, piece.offsets.dropFirst().allSatisfy({ $0 == 0 }),
        piece.shape.dropFirst() == tensor.shape.dropFirst()
      else { return false }
      row += piece.shape.first ?? 0
      return true
    }
    if isRows || pieces.count == 1 { return }
    guard pieces.count <= mostScattered else {
      throw Diagnostic(.badData, "it lies in \(pieces.count) pieces, which are not rows of it")
    }
    for (index, piece) in pieces.enumerated() {
      for other in pieces[..<index] {
        let isApart = tensor.shape.indices.contains(where: { axis in
          piece.offsets[axis] + piece.shape[axis] <= other.offsets[axis]
            || other.offsets[axis] + other.shape[axis] <= piece.offsets[axis]
        })
        guard isApart else { throw uncovered }
      }
    }
  }
}
