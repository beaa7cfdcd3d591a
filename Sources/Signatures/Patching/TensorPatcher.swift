import Archives
import CElements
import Support
import Tensors
import WeightFiles

/// Takes one tensor from the old stack to the new one, piece by piece: restores the original, checks
/// it, and patches it anew.
final class TensorPatcher: TensorRewriter {
  /// What became of a tensor.
  struct Outcome: Sendable {
    var original: String
    var patched: String
    var undo: [UInt8]
  }

  private let name: String
  private let type: ElementType
  private let old: TensorTerms
  private let new: TensorTerms
  /// The record of the tensor; nil where it is patched for the first time.
  private let recorded: PatchStack.Tensor?
  private let finished: (Outcome) -> Void
  private var position = 0
  private var element = 0
  private var before: RunningChecksum
  private var original = RunningDigest()
  private var patched: RunningChecksum
  private var undo: [UInt8] = []
  private let sums: UnsafeMutableBufferPointer<Double>
  private var spaces = TermSpaces()
  private var oldSpaces = TermSpaces()
  private var residues: UndoBuffer
  private var taken: UndoBuffer

  /// Makes a patcher.
  ///
  /// - Parameter finished: takes the outcome, when all was right.
  init(
    name: String, type: ElementType, old: TensorTerms, new: TensorTerms,
    recorded: PatchStack.Tensor?,
    finished: @escaping (Outcome) -> Void
  ) throws {
    before = try RunningChecksum()
    patched = try RunningChecksum()
    residues = try UndoBuffer()
    taken = try UndoBuffer()
    self.name = name
    self.type = type
    self.old = old
    self.new = new
    self.recorded = recorded
    self.finished = finished
    sums = .allocate(capacity: UndoRecord.pieceCount)
  }

  deinit { sums.deallocate() }

  func rewrite(_ piece: UnsafeMutableRawBufferPointer) throws {
    try inside { try begin(piece) }
    for start in stride(from: 0, to: piece.count, by: blockByteCount) {
      let bytes = piece.part(from: start, count: blockByteCount)
      try inside { try restore(bytes) }
      original.update(UnsafeRawBufferPointer(bytes))
      try inside { try patch(bytes) }
    }
    try inside { try end() }
  }

  /// The same of two tensors at once: their digests are taken side by side.
  func rewrite(
    _ piece: UnsafeMutableRawBufferPointer, beside other: any TensorRewriter,
    _ otherPiece: UnsafeMutableRawBufferPointer
  ) throws {
    guard let other = other as? TensorPatcher else {
      try rewrite(piece)
      return try other.rewrite(otherPiece)
    }
    try inside { try begin(piece) }
    try other.inside { try other.begin(otherPiece) }
    let size = max(blockByteCount, other.blockByteCount)
    for start in stride(from: 0, to: max(piece.count, otherPiece.count), by: size) {
      let bytes = piece.part(from: start, count: size)
      let others = otherPiece.part(from: start, count: size)
      try inside { try restore(bytes) }
      try other.inside { try other.restore(others) }
      RunningDigest.update(
        &original, UnsafeRawBufferPointer(bytes), &other.original, UnsafeRawBufferPointer(others))
      try inside { try patch(bytes) }
      try other.inside { try other.patch(others) }
    }
    try inside { try end() }
    try other.inside { try other.end() }
  }

  /// Names the tensor in errors: of two, only this one knows which it was.
  private func inside(_ body: () throws -> Void) throws {
    do { try body() } catch let error as Diagnostic { throw error.inside(name) }
  }

  /// The size of the parts of a piece, which stay in the caches.
  private var blockByteCount: Int {
    max(new.blockCount, recorded == nil ? 0 : old.blockCount) * type.byteCount
  }

  private func begin(_ piece: UnsafeMutableRawBufferPointer) throws {
    if let recorded {
      try taken.take(piece.count / type.byteCount, from: recorded.undo, at: &position)
    }
  }

  /// Brings a part of the piece back to what it was before any patch.
  private func restore(_ part: UnsafeMutableRawBufferPointer) throws {
    guard recorded != nil, let sum = sum(part), let add = sum.baseAddress else { return }
    before.update(UnsafeRawBufferPointer(part))
    try old.sum(to: sum, from: element, &oldSpaces)
    try taken.restore(part, type.kernelType, count: sum.count, add: add, keep: old.keep)
  }

  /// Patches a part of the piece, and goes on to the next.
  private func patch(_ part: UnsafeMutableRawBufferPointer) throws {
    guard let sum = sum(part), let add = sum.baseAddress else { return }
    if !new.isEmpty {
      try new.sum(to: sum, from: element, &spaces)
      residues.patch(part, type.kernelType, count: sum.count, add: add, keep: new.keep)
    }
    if new.isNamed { patched.update(UnsafeRawBufferPointer(part)) }
    element += sum.count
  }

  /// Room for what is added to a part; nil where it is empty.
  private func sum(
    _ part: UnsafeMutableRawBufferPointer
  ) -> UnsafeMutableBufferPointer<Double>? {
    part.isEmpty
      ? nil : UnsafeMutableBufferPointer(rebasing: sums[..<(part.count / type.byteCount)])
  }

  private func end() throws {
    if recorded != nil { try taken.checkUsed() }
    try residues.flush(to: &undo)
  }

  func finish() throws { try inside { try conclude() } }

  private func conclude() throws {
    let digest = original.finish()
    if let recorded {
      guard position == recorded.undo.count else { throw UndoRecord.damaged }
      guard before.text == recorded.patched else {
        throw Diagnostic(
          .badData, "it was changed since it was patched, and cannot be restored",
          remedy: "use the file as \(action: .patch) wrote it")
      }
      guard digest == recorded.original else { throw UndoRecord.damaged }
    }
    finished(
      Outcome(original: digest, patched: patched.text, undo: undo))
  }
}

extension UnsafeMutableRawBufferPointer {
  /// The bytes from a place on, as many as that or as there are.
  fileprivate func part(from start: Int, count: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: dropFirst(start).prefix(count))
  }
}
