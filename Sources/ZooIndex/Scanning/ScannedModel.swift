public import Catalogs
public import LinearAlgebra
public import Support
public import Tensors
public import WeightFiles

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

  /// The open file.
  public let file: WeightFile
  /// The tensors that belong to the model, in order: of a packed array only its row's.
  public let entries: [TensorEntry]
  private let budget: MemoryBudget?
  /// How much memory the whole model takes, where it is kept.
  private let keptByteCount: Int?
  private var kept: [String: Tensor] = [:]
  private var summaries: [String: TensorSummary] = [:]
  private var substitutes: [String: Tensor] = [:]

  /// Prepares to read.
  ///
  /// - Parameters:
  ///   - budget: bounds what all models that are scanned at once hold.
  /// - Throws: `Diagnostic` of code `badData` where the tensors claim far more elements than the file
  ///   stores: measuring them would take as long as somebody likes.
  public init(
    _ file: WeightFile, entries: [TensorEntry]? = nil, budget: MemoryBudget? = nil
  ) throws {
    self.file = file
    self.entries = entries ?? file.catalog.tensors
    self.budget = budget
    let count = self.entries.reduce(0) { $0.addingReportingOverflow($1.elementCount).partialValue }
    let keeps =
      (0...ScannedModel.keptCount).contains(count) && 4 * count <= budget?.byteCount ?? .max
    keptByteCount = keeps ? 4 * count : nil
    try weights.checkClaims()
  }

  /// Runs a scan of the model. What it keeps of it counts as taken until then.
  package func scanning<Result>(_ scan: () throws -> Result) throws -> Result {
    guard let keptByteCount, let budget else { return try scan() }
    defer { kept = [:] }
    return try budget.withBytes(keptByteCount, scan)
  }

  /// The tensors of floating-point numbers that have elements, without an optimiser's.
  public var weights: [TensorEntry] {
    entries.filter {
      $0.elementType.isFloatingPoint && $0.elementCount > 0 && $0.role != .optimiserState
    }
  }

  /// Puts tensors in the place of those that the file has under the same names: what is read from now on
  /// is these. For a model whose units are put in another order before it is looked at.
  public func substitute(_ tensors: [String: Tensor]) {
    substitutes.merge(tensors) { $1 }
    for name in tensors.keys { summaries[name] = nil }
  }

  /// Reads a tensor, in Float32, and hands it to `body`.
  ///
  /// - Throws: `Diagnostic`: `badData` where it is damaged; `failed` where it does not fit the memory
  ///   budget, before memory for it is taken.
  public func with<Result>(
    _ entry: TensorEntry, _ body: (Tensor) throws -> Result
  ) throws -> Result {
    try with([entry]) { try body($0[0]) }
  }

  /// Reads tensors, in Float32, and hands all of them to `body` at once.
  ///
  /// - Parameter copies: how many times as much memory `body` takes beside them.
  /// - Throws: `Diagnostic` as for one.
  public func with<Result>(
    _ entries: [TensorEntry], copies: Int = 0, _ body: ([Tensor]) throws -> Result
  ) throws -> Result {
    let isSubstituted = !substitutes.isEmpty && entries.allSatisfy { substitutes[$0.name] != nil }
    if keptByteCount != nil || isSubstituted {
      return try body(
        entries.map { entry in
          if let tensor = substitutes[entry.name] ?? kept[entry.name] { return tensor }
          let tensor = try file.read(entry, jobs: 1)
          kept[entry.name] = tensor
          return tensor
        })
    }
    var count = 0
    for entry in entries { count = count.addingReportingOverflow(entry.elementCount).partialValue }
    let byteCount = count.multipliedReportingOverflow(by: MemoryLayout<Float>.size)
    let size = byteCount.overflow || byteCount.partialValue < 0 ? .max : byteCount.partialValue
    return try within(size, copies: copies, entries) {
      try body(entries.map { try substitutes[$0.name] ?? file.read($0, jobs: 1) })
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
    if keptByteCount != nil || substitutes[entry.name] != nil
      || size <= min(ScannedModel.wholeByteCount, budget?.byteCount ?? .max)
        && entry.isStoredInFull
    {
      summary = try with(entry) { TensorSummary($0.values) }
    } else {
      let room = min(ScannedModel.streamByteCount, budget?.byteCount ?? .max)
      summary = try within(room, [entry]) {
        try unsafe TensorSummary(count: count) { body in
          try unsafe file.forEachPiece(of: entry, jobs: 1, budget: room / 2, floats: body)
        }
      }
    }
    summaries[entry.name] = summary
    return summary
  }

  /// Waits until the budget has room. Tensors that are larger than all of it are refused; the copies that
  /// are made of them are not: such a tensor is worked on alone.
  private func within<Result>(
    _ byteCount: Int, copies: Int = 0, _ entries: [TensorEntry], _ body: () throws -> Result
  ) throws -> Result {
    guard let budget else { return try body() }
    do { try budget.check(byteCount) } catch let error as Diagnostic {
      throw entries.first.map { error.inside($0.name) } ?? error
    }
    let all = byteCount.multipliedReportingOverflow(by: 1 + copies)
    return try budget.withBytes(
      all.overflow ? budget.byteCount : min(all.partialValue, budget.byteCount), body)
  }
}

extension TensorEntry {
  /// Whether no element stands for several.
  var isStoredInFull: Bool { ((try? backedByteCount()) ?? 0) >= byteCount }
}
