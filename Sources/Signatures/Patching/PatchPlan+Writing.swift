import Catalogs
import Support
import Synchronization
import Tensors
import WeightFiles

extension PatchPlan {
  /// Writes the model with the new stack, as a copy of its container in which only the patched tensors
  /// changed. The same model and the same stack make the same bytes, whatever the order in which the
  /// signatures came. Without a stack, every bit is as it was before the first patch.
  ///
  /// - Parameters:
  ///   - path: where.
  ///   - tool: what patches: `wsl 0.1.0`.
  ///   - overwrites: whether a file that is already there may be replaced.
  ///   - inPlace: whether the path may be the model's own.
  ///   - jobs: how many threads work.
  /// - Returns: the new stack; nil where none is left.
  /// - Throws: `Diagnostic`: `cannotWrite`, with nothing written; `badData` where a tensor was changed
  ///   since it was patched.
  public func write(
    to path: String, tool: String, overwrites: Bool, inPlace: Bool = false, jobs: Int? = nil
  ) async throws -> PatchStack? {
    let outcomes = Outcomes(count: tensors.count)
    let recorded = Dictionary(
      (old?.tensors ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let stack: @Sendable () throws -> PatchStack? = { [tensors, entries] in
      entries.isEmpty
        ? nil
        : PatchStack(
          entries: entries,
          tensors: try outcomes.all().enumerated().compactMap { index, outcome in
            let name = tensors[index]
            guard entries.contains(where: { $0.tensors.contains(name) }) else { return nil }
            return PatchStack.Tensor(
              name: name, original: outcome.original, patched: outcome.patched,
              undo: outcome.undo)
          }, tool: tool)
    }
    let types = try file.entries(named: tensors).map(\.elementType)
    let rewriting = TensorRewriting(
      names: tensors, pieceCount: UndoRecord.pieceCount,
      expectedAttachmentByteCount: expectedRecordByteCount,
      rewriter: { [tensors, entries, old] index in
        let name = tensors[index]
        return try TensorPatcher(
          name: name, type: types[index], old: TensorTerms(old?.entries ?? [], of: name),
          new: TensorTerms(entries, of: name), recorded: recorded[name]
        ) { outcomes.put($0, at: index) }
      },
      attachment: { try stack()?.encoded() })
    try await file.writeCopy(
      to: path, rewriting: rewriting, overwrites: overwrites, inPlace: inPlace, jobs: jobs)
    return try stack()
  }

  /// About how long the record will be.
  private var expectedRecordByteCount: Int {
    if entries.isEmpty { return 0 }
    let signatures = entries.reduce(0) { sum, entry in
      sum + entry.signature.manifestBytes.count
        + entry.signature.payload.blocks.reduce(0) { $0 + $1.count }
    }
    // Of the new stack only, so that the same stack makes the same bytes whatever was there before.
    var bits: [String: Double] = [:]
    for entry in entries {
      for (tensor, name) in zip(entry.signature.manifest.tensors, entry.tensors) {
        // Residues grow about with the root of how much is added to weights of size one.
        let share = abs(entry.alpha) * Double(tensor.relativeNorm ?? 1)
        let isMoved = tensor.kind.isAdded && share.isFinite
        bits[name, default: 0] += isMoved ? min(4, 1.6 * share.squareRoot()) : 4
      }
    }
    let undo = bits.reduce(0.0) { sum, tensor in
      sum + tensor.value / 8 * Double(file.catalog.tensor(named: tensor.key)?.elementCount ?? 0)
    }
    return 1024 + signatures + 160 * bits.count + Int(undo)
  }
}

/// What became of the tensors, told by several threads.
private final class Outcomes: Sendable {
  private let found: Mutex<[TensorPatcher.Outcome?]>

  init(count: Int) { found = Mutex(Array(repeating: nil, count: count)) }

  func put(_ outcome: TensorPatcher.Outcome, at index: Int) {
    found.withLock { $0[index] = outcome }
  }

  func all() throws -> [TensorPatcher.Outcome] {
    let all = found.withLock { $0.compactMap { $0 } }
    guard all.count == found.withLock({ $0.count }) else {
      throw Diagnostic(.failed, "a tensor was not patched")
    }
    return all
  }
}
