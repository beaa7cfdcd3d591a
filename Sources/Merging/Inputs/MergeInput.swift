public import WeightFiles
import WorkbenchCore

/// A model that is merged: a file whose tensors are read when they are needed, or numbers in memory.
public struct MergeInput: Sendable {
  private enum Source: Sendable {
    case file(WeightFile)
    case weights(Weights)
  }

  /// What errors call it.
  public let name: String
  /// The tensors, in the model's order. For numbers in memory only names, shapes and types count.
  let tensors: [TensorEntry]
  private let places: [String: Int]
  private let source: Source

  /// A file.
  public init(_ file: WeightFile) {
    self.init(file.catalog.file, file.catalog.tensors, .file(file))
  }

  /// Numbers in memory.
  public init(_ weights: Weights, name: String) {
    let tensors = weights.sorted { $0.key < $1.key }.map { name, tensor in
      TensorEntry(name: name, shape: tensor.shape, elementType: .float32, layout: .unallocated)
    }
    self.init(name, tensors, .weights(weights))
  }

  private init(_ name: String, _ tensors: [TensorEntry], _ source: Source) {
    self.name = name
    self.tensors = tensors
    self.source = source
    places = Dictionary(
      tensors.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { one, _ in one }
    )
  }

  /// A tensor, also by another name that its file has for it.
  func tensor(named name: String) -> TensorEntry? {
    if let place = places[name] { return tensors[place] }
    if case .file(let file) = source { return file.catalog.tensor(named: name) }
    return nil
  }

  /// How many bytes have to be held to read ranges of a tensor.
  func heldByteCount(_ entry: TensorEntry) -> Int {
    switch source {
    case .file(let file): file.isOneRun(entry) ? 0 : entry.byteCount
    case .weights: entry.byteCount
    }
  }

  /// Opens a tensor.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is damaged.
  func open(_ entry: TensorEntry, jobs: Int?) throws -> TensorRanges {
    switch source {
    case .file(let file): return try file.ranges(of: entry, jobs: jobs)
    case .weights(let weights):
      guard let tensor = weights[entry.name] else {
        throw Diagnostic(.failed, "there is no tensor of that name", at: [name, entry.name])
      }
      return TensorRanges(tensor)
    }
  }
}
