import CKernels
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
  private var oldSpaces = TermSpaces()
  private var residues: UndoBuffer
  private var taken: UndoBuffer

  /// Makes a patcher.
  ///
  /// - Parameter finished: takes the outcome, when all was right.
  init(
    type: ElementType, old: TensorTerms, new: TensorTerms, recorded: PatchStack.Tensor?,
    finished: @escaping (Outcome) -> Void
  ) throws {
    residues = try UndoBuffer()
    taken = try UndoBuffer()
    self.type = type
    self.old = old
    self.new = new
    self.recorded = recorded
    self.finished = finished
    sum = .allocate(capacity: UndoRecord.pieceCount)
  }

  deinit { sum.deallocate() }

  func rewrite(_ piece: UnsafeMutableRawBufferPointer) throws {
    let count = piece.count / type.byteCount
    var block = new.blockCount
    if let recorded {
      if recorded.undo.isPlanes {
        try restorePlanes(piece, recorded.undo.bytes)
      } else {
        try taken.take(count, from: recorded.undo.bytes, at: &position)
        block = max(block, old.blockCount)
      }
    }
    var done = 0
    while done < count {
      let size = min(block, count - done)
      try rewriteBlock(
        UnsafeMutableRawBufferPointer(
          rebasing: piece[(done * type.byteCount)..<((done + size) * type.byteCount)]),
        count: size, from: element + done)
      done += size
    }
    if let recorded, !recorded.undo.isPlanes { try taken.checkUsed() }
    try residues.flush(to: &undo)
    element += count
  }

  /// A part of a piece that stays in the caches.
  private func rewriteBlock(
    _ part: UnsafeMutableRawBufferPointer, count: Int, from first: Int
  ) throws {
    let bytes = UnsafeRawBufferPointer(part)
    let sum = UnsafeMutableBufferPointer(rebasing: self.sum[..<count])
    guard let add = sum.baseAddress.map({ UnsafePointer($0) }) else { return }
    if let recorded, !recorded.undo.isPlanes {
      before.update(bufferPointer: bytes)
      try old.sum(to: sum, from: first, &oldSpaces)
      try taken.restore(part, kernelType, count: count, add: add, keep: old.keep)
    }
    original.update(bufferPointer: bytes)
    guard !new.isEmpty else { return }
    try new.sum(to: sum, from: first, &spaces)
    residues.patch(part, kernelType, count: count, add: add, keep: new.keep)
    patched.update(bufferPointer: bytes)
  }

  private var kernelType: WSLElementType {
    switch type {
    case .float64: WSLFloat64
    case .float16: WSLFloat16
    case .bfloat16: WSLBrainFloat16
    default: WSLFloat32
    }
  }

  /// Restores a piece by a record of version 1.
  private func restorePlanes(
    _ piece: UnsafeMutableRawBufferPointer, _ record: [UInt8]
  ) throws {
    // One call a type: each is compiled for it.
    switch type {
    case .float64: try restorePlanes(StoredDouble.self, piece, record)
    case .float16: try restorePlanes(StoredHalf.self, piece, record)
    case .bfloat16: try restorePlanes(StoredBrainFloat.self, piece, record)
    default: try restorePlanes(StoredSingle.self, piece, record)
    }
  }

  private func restorePlanes<Stored: StoredFloat>(
    _ stored: Stored.Type, _ piece: UnsafeMutableRawBufferPointer, _ record: [UInt8]
  ) throws {
    before.update(bufferPointer: UnsafeRawBufferPointer(piece))
    let count = piece.count / type.byteCount
    let residues = UnsafeMutableBufferPointer<Stored.Bits>.allocate(capacity: count)
    defer { residues.deallocate() }
    let sum = UnsafeMutableBufferPointer(rebasing: self.sum[..<count])
    guard let add = sum.baseAddress, let room = residues.baseAddress else { return }
    try PlaneRecord.take(residues, from: record, at: &position)
    try old.sum(to: sum, from: element, &oldSpaces)
    PatchKernel.restore(stored, piece, add: add, keep: old.keep, residues: room)
  }

  func finish() throws {
    let digest = Digest.hex(original.finalize())
    if let recorded {
      if !recorded.undo.isPlanes, position != recorded.undo.bytes.count { throw UndoRecord.damaged }
      guard Digest.hex(before.finalize()) == recorded.patched else {
        throw Diagnostic(
          .badData, "it was changed since it was patched, and cannot be restored",
          remedy: "use the file as `wsl patch` wrote it")
      }
      guard digest == recorded.original else { throw UndoRecord.damaged }
    }
    finished(
      Outcome(
        original: digest, patched: new.isEmpty ? digest : Digest.hex(patched.finalize()),
        undo: undo))
  }
}
