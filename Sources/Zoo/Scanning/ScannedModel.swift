public import LinearAlgebra
public import WeightFiles
import WorkbenchCore

/// A model while it is scanned: its tensors, each read once as long as all of them fit memory.
///
/// Used by one thread.
public final class ScannedModel {
  /// Models of up to so many elements are kept whole while their metrics are computed.
  private static let keptCount = 8 << 20
  /// Tensors whose numbers take more are summarised piece by piece.
  private static let wholeByteCount = 256 << 20
  /// What that takes, counts of numbers included.
  private static let streamByteCount = 96 << 20
  /// What a model's tensors may claim beyond what its file stores, in bytes, and how many times as much.
  private static let unstoredByteCount = 256 << 20
  private static let unstoredRatio = 16

  /// The open file.
  public let file: WeightFile
  /// The tensors that belong to the model, in order: of a packed array only its row's.
  public let entries: [TensorEntry]
  private let budget: MemoryBudget?
  private let keeps: Bool
  private var kept: [String: Tensor] = [:]
  private var summaries: [String: TensorSummary] = [:]

  /// Prepares to read.
  ///
  /// - Parameters:
  ///   - budget: bounds what all models that are scanned at once hold.
  ///   - width: how many these are.
  /// - Throws: `Diagnostic` of code `badData` where the tensors claim far more elements than the file
  ///   stores: measuring them would take as long as somebody likes.
  public init(
    _ file: WeightFile, entries: [TensorEntry]? = nil, budget: MemoryBudget? = nil, width: Int = 1
  ) throws {
    self.file = file
    self.entries = entries ?? file.catalog.tensors
    self.budget = budget
    let count = self.entries.reduce(0) { $0.addingReportingOverflow($1.elementCount).partialValue }
    // What is kept is not waited for, and so has its share from the beginning.
    let share = (budget?.byteCount ?? .max) / (2 * max(1, width)) / MemoryLayout<Float>.size
    keeps = (0...min(ScannedModel.keptCount, share)).contains(count)
    try checkClaims()
  }

  private func checkClaims() throws {
    var (claimed, stored) = (0, 0)
    for entry in weights {
      claimed = claimed.addingReportingOverflow(entry.byteCount).partialValue
      stored = stored.addingReportingOverflow(try entry.backedByteCount()).partialValue
    }
    guard claimed &- stored > ScannedModel.unstoredByteCount,
      claimed / ScannedModel.unstoredRatio > stored
    else { return }
    throw Diagnostic(
      .badData,
      "its tensors claim \(ByteCount.rough(claimed)), and \(ByteCount.rough(stored)) are stored: "
        + "one element stands for many", remedy: "store every element (in PyTorch: .contiguous())")
  }

  /// The tensors of floating-point numbers that have elements, without an optimiser's.
  public var weights: [TensorEntry] {
    entries.filter {
      $0.elementType.isFloatingPoint && $0.elementCount > 0 && !$0.isTrainingState
    }
  }

  /// Reads a tensor, in Float32, and hands it to `body`.
  ///
  /// - Throws: `Diagnostic`: `badData` where it is damaged; `failed` where it does not fit the memory
  ///   budget, before memory for it is taken.
  public func with<Result>(
    _ entry: TensorEntry, _ body: (Tensor) throws -> Result
  ) throws -> Result {
    if let tensor = kept[entry.name] { return try body(tensor) }
    if keeps {
      let tensor = try file.read(entry, jobs: 1)
      kept[entry.name] = tensor
      return try body(tensor)
    }
    return try within(entry.elementCount * MemoryLayout<Float>.size, entry) {
      try body(try file.read(entry, jobs: 1))
    }
  }

  /// What a tensor's numbers look like. Of a tensor that is larger than memory allows it is computed
  /// piece by piece; the result is the same.
  ///
  /// - Throws: `Diagnostic` as `with`.
  public func summary(of entry: TensorEntry) throws -> TensorSummary {
    if let known = summaries[entry.name] { return known }
    let count = entry.elementCount
    let size = count * MemoryLayout<Float>.size
    let summary: TensorSummary
    if keeps
      || size <= min(ScannedModel.wholeByteCount, budget?.byteCount ?? .max)
        && entry.isStoredInFull
    {
      summary = try with(entry) { TensorSummary($0.values) }
    } else {
      let room = min(ScannedModel.streamByteCount, budget?.byteCount ?? .max)
      summary = try within(room, entry) {
        try TensorSummary(count: count) { body in
          try file.forEachPiece(of: entry, jobs: 1, budget: room / 2, floats: body)
        }
      }
    }
    summaries[entry.name] = summary
    return summary
  }

  private func within<Result>(
    _ byteCount: Int, _ entry: TensorEntry, _ body: () throws -> Result
  ) throws -> Result {
    guard let budget else { return try body() }
    do { try budget.check(byteCount) } catch let error as Diagnostic {
      throw error.inside(entry.name)
    }
    return try budget.withBytes(byteCount, body)
  }
}

extension TensorEntry {
  /// Whether the tensor is what an optimiser keeps beside the network, as Keras writes it.
  var isTrainingState: Bool {
    name.hasPrefix("optimizer_weights/") || name.hasPrefix("optimizer/")
  }

  /// Whether no element stands for several.
  var isStoredInFull: Bool { ((try? backedByteCount()) ?? 0) >= byteCount }
}
