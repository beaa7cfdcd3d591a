public import WeightFiles
import WorkbenchCore

/// A model while it is scanned: its tensors, each read once as long as all of them fit memory.
///
/// Used by one thread.
public final class ScannedModel {
  /// Models of up to so many elements are kept whole while their metrics are computed.
  private static let keptCount = 8 << 20
  /// The open file.
  public let file: WeightFile
  /// The tensors that belong to the model, in order: of a packed array only its row's.
  public let entries: [TensorEntry]
  private let budget: MemoryBudget?
  /// How much memory the whole model takes, where it is kept.
  private let keptByteCount: Int?
  private var kept: [String: Tensor] = [:]

  /// Prepares to read.
  ///
  /// - Parameters:
  ///   - budget: bounds what all models that are scanned at once hold.
  public init(_ file: WeightFile, entries: [TensorEntry]? = nil, budget: MemoryBudget? = nil) {
    self.file = file
    self.entries = entries ?? file.catalog.tensors
    self.budget = budget
    let count = self.entries.reduce(0) { $0.addingReportingOverflow($1.elementCount).partialValue }
    let keeps =
      (0...ScannedModel.keptCount).contains(count) && 4 * count <= budget?.byteCount ?? .max
    keptByteCount = keeps ? 4 * count : nil
  }

  /// Runs a scan of the model. What it keeps of it counts as taken until then.
  func scanning<Result>(_ scan: () throws -> Result) throws -> Result {
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

  /// Reads a tensor, in Float32, and hands it to `body`.
  ///
  /// - Throws: `Diagnostic` where it is damaged, or does not fit the memory budget.
  public func with<Result>(
    _ entry: TensorEntry, _ body: (Tensor) throws -> Result
  ) throws -> Result {
    try with([entry]) { try body($0[0]) }
  }

  /// Reads tensors, in Float32, and hands all of them to `body` at once.
  ///
  /// - Parameter copies: how many times as much memory `body` takes beside them.
  public func with<Result>(
    _ entries: [TensorEntry], copies: Int = 0, _ body: ([Tensor]) throws -> Result
  ) throws -> Result {
    if keptByteCount != nil {
      return try body(
        entries.map { entry in
          if let tensor = kept[entry.name] { return tensor }
          let tensor = try file.read(entry, jobs: 1)
          kept[entry.name] = tensor
          return tensor
        })
    }
    func read() throws -> Result { try body(entries.map { try file.read($0, jobs: 1) }) }
    guard let budget else { return try read() }
    let byteCount = entries.reduce(0) { sum, entry in
      sum.addingReportingOverflow(entry.elementCount &* 4 &* (1 + copies)).partialValue
    }
    // What is larger than the budget is worked on alone.
    return try budget.withBytes(
      byteCount < 0 ? budget.byteCount : min(byteCount, budget.byteCount), read)
  }
}
