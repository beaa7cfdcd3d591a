import Archives
import Catalogs
import Support
import Synchronization
import Tensors

/// Tensors whose pieces lie in several files, in a file without a name that is filled tensor by tensor
/// as it is read.
final class AssembledTensors: ContentFilling {
  /// One tensor.
  struct Target: Sendable {
    var shape: [Int]
    var elementType: ElementType
    /// Where its bytes begin in the file.
    var offset: Int
    /// Its pieces, and the index of the first element of each.
    var pieces: [(entry: TensorEntry, offsets: [Int])]

    /// Its bytes. Its shape was checked not to overflow.
    var range: Range<Int> {
      offset..<(offset + shape.reduce(elementType.byteCount, *))
    }
  }

  private let targets: [Target]
  private let parts: [OpenFile]
  /// Which are there; held while one is put together.
  private let isFilled: Mutex<[Bool]>

  /// Takes tensors in the order of their bytes.
  init(_ targets: [Target], parts: [OpenFile]) {
    (self.targets, self.parts) = (targets, parts)
    isFilled = Mutex(Array(repeating: false, count: targets.count))
  }

  func fill(_ range: Range<Int>?, of target: Int32) throws {
    try isFilled.withLock { isFilled in
      for index in indices(of: range) where !isFilled[index] {
        try fill(targets[index], of: target)
        isFilled[index] = true
      }
    }
  }

  /// The tensors that have bytes in a range.
  private func indices(of range: Range<Int>?) -> Range<Int> {
    guard let range else { return targets.indices }
    func first(_ isPast: (Target) -> Bool) -> Int {
      var (low, high) = (0, targets.count)
      while low < high {
        let middle = (low + high) / 2
        if isPast(targets[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let start = first { $0.range.upperBound > range.lowerBound }
    return start..<max(start, first { $0.range.lowerBound >= range.upperBound })
  }

  private func fill(_ target: Target, of descriptor: Int32) throws {
    let size = target.elementType.byteCount
    for piece in target.pieces where piece.entry.elementCount > 0 {
      let catalog = Catalog(file: parts[0].path, format: .pytorch, byteCount: 0, tensors: [])
      let bytes = try WeightFile(catalog: catalog, file: parts[0], parts: parts, source: .plain)
        .readBytes(piece.entry, jobs: 1)
      let runs = PieceRuns(piece: piece.entry.shape, at: piece.offsets, of: target.shape)
      try bytes.withUnsafeBytes { bytes in
        try runs.forEach { source, place, count in
          try writeFully(
            UnsafeRawBufferPointer(rebasing: bytes[(source * size)..<((source + count) * size)]),
            to: descriptor, at: target.offset + place * size)
        }
      }
    }
  }
}

/// The runs of elements in which a box lies within a larger row-major tensor.
struct PieceRuns {
  private let piece: [Int]
  private let strides: [Int]
  private let start: Int
  /// The axes from this one on are one run.
  private let axis: Int

  init(piece: [Int], at offsets: [Int], of shape: [Int]) {
    self.piece = piece
    var strides = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    self.strides = strides
    start = zip(offsets, strides).reduce(0) { $0 + $1.0 * $1.1 }
    var axis = max(0, shape.count - 1)
    while axis > 0, piece[axis] == shape[axis] { axis -= 1 }
    self.axis = axis
  }

  /// Calls `body` with where each run begins in the box and in the tensor, and how long it is.
  func forEach(_ body: (_ source: Int, _ place: Int, _ count: Int) throws -> Void) rethrows {
    let length = piece[axis...].reduce(1, *)
    guard length > 0 else { return }
    let outer = piece[..<axis].reduce(1, *)
    for run in 0..<outer {
      var rest = run
      var place = start
      for index in (0..<axis).reversed() {
        place += rest % piece[index] * strides[index]
        rest /= piece[index]
      }
      try body(run * length, place, length)
    }
  }
}
