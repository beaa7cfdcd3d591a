import Crypto
import WeightFiles
import WorkbenchCore

/// Takes one tensor from the old stack to the new one, piece by piece: restores the original, checks
/// it, and patches it anew.
final class TensorPatcher: TensorRewriter {
  /// What became of a tensor.
  struct Outcome: Sendable {
    var original: String
    var patched: String
    var undo: [UInt8]
  }

  private let type: ElementType
  private let old: TensorTerms
  private let new: TensorTerms
  /// The record of the tensor; nil where it is patched for the first time.
  private let recorded: PatchStack.Tensor?
  private let finished: (Outcome) -> Void
  private var position = 0
  private var element = 0
  private var before = SHA256()
  private var original = SHA256()
  private var patched = SHA256()
  private var undo: [UInt8] = []
  private let sum: UnsafeMutableBufferPointer<Double>
  private var spaces = TermSpaces()

  /// Makes a patcher.
  ///
  /// - Parameter finished: takes the outcome, when all was right.
  init(
    type: ElementType, old: TensorTerms, new: TensorTerms, recorded: PatchStack.Tensor?,
    finished: @escaping (Outcome) -> Void
  ) {
    self.type = type
    self.old = old
    self.new = new
    self.recorded = recorded
    self.finished = finished
    sum = .allocate(capacity: UndoRecord.pieceCount)
  }

  deinit { sum.deallocate() }

  func rewrite(_ piece: UnsafeMutableRawBufferPointer) throws {
    // One call a type: each is compiled for it.
    switch type {
    case .float64: try rewrite(StoredDouble.self, piece)
    case .float16: try rewrite(StoredHalf.self, piece)
    case .bfloat16: try rewrite(StoredBrainFloat.self, piece)
    default: try rewrite(StoredSingle.self, piece)
    }
    element += piece.count / type.byteCount
  }

  @inline(__always)
  private func rewrite<Stored: StoredFloat>(
    _ stored: Stored.Type, _ piece: UnsafeMutableRawBufferPointer
  ) throws {
    let bytes = UnsafeRawBufferPointer(piece)
    let count = piece.count / type.byteCount
    let residues = UnsafeMutableBufferPointer<Stored.Bits>.allocate(capacity: count)
    defer { residues.deallocate() }
    let sum = UnsafeMutableBufferPointer(rebasing: self.sum[..<count])
    guard let add = sum.baseAddress.map({ UnsafePointer($0) }), let room = residues.baseAddress
    else { return }
    if let recorded {
      before.update(bufferPointer: bytes)
      try UndoRecord.take(residues, from: recorded.undo[...], at: &position)
      try old.sum(to: sum, from: element, &spaces)
      PatchKernel.restore(stored, piece, add: add, keep: old.keep, residues: room)
    }
    original.update(bufferPointer: bytes)
    if !new.isEmpty {
      try new.sum(to: sum, from: element, &spaces)
      PatchKernel.patch(stored, piece, add: add, keep: new.keep, residues: room)
      try UndoRecord.append(UnsafeBufferPointer(residues), to: &undo)
    } else {
      residues.update(repeating: 0)
      try UndoRecord.append(UnsafeBufferPointer(residues), to: &undo)
    }
    patched.update(bufferPointer: bytes)
  }

  func finish() throws {
    let digest = Digest.hex(original.finalize())
    if let recorded {
      guard Digest.hex(before.finalize()) == recorded.patched else {
        throw Diagnostic(
          .badData, "it was changed since it was patched, and cannot be restored",
          remedy: "use the file as `wsl patch` wrote it")
      }
      guard digest == recorded.original else { throw UndoRecord.damaged }
    }
    finished(Outcome(original: digest, patched: Digest.hex(patched.finalize()), undo: undo))
  }
}
