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
  private let keeps: Bool
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
    keeps = (0...ScannedModel.keptCount).contains(count)
  }

  /// The tensors of floating-point numbers that have elements, without an optimiser's.
  public var weights: [TensorEntry] {
    entries.filter {
      $0.elementType.isFloatingPoint && $0.elementCount > 0 && !$0.isTrainingState
    }
  }

  /// Reads a tensor, in Float32, and hands it to `body`.
  ///
  /// - Throws: `Diagnostic` where it is damaged, or does not fit the memory budget.
  public func with<Result>(
    _ entry: TensorEntry, _ body: (Tensor) throws -> Result
  ) throws -> Result {
    if let tensor = kept[entry.name] { return try body(tensor) }
    if keeps {
      let tensor = try file.read(entry, jobs: 1)
      kept[entry.name] = tensor
      return try body(tensor)
    }
    guard let budget else { return try body(try file.read(entry, jobs: 1)) }
    return try budget.withBytes(min(entry.elementCount * 4, budget.byteCount)) {
      try body(try file.read(entry, jobs: 1))
    }
  }
}

extension TensorEntry {
  /// Whether the tensor is what an optimiser keeps beside the network, as Keras writes it.
  var isTrainingState: Bool { TensorEntry.isTrainingState(name) }

  /// The same of a tensor of that name.
  static func isTrainingState(_ name: String) -> Bool {
    name.hasPrefix("optimizer_weights/") || name.hasPrefix("optimizer/")
  }
}
