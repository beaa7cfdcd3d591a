import Catalogs
import Support
public import Tensors
public import WeightFiles

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
  /// How its tensors go with those of the first model; nil where the names are the same.
  let partners: MergePartners?

  /// A file.
  ///
  /// - Parameter partners: how its tensors go with those of the first model; nil where they have the same
  ///   names.
  public init(_ file: WeightFile, partners: MergePartners? = nil) {
    self.init(file.catalog.file, file.catalog.tensors, .file(file), partners)
  }

  /// Numbers in memory.
  public init(_ weights: Weights, name: String) {
    let tensors = weights.sorted { $0.key < $1.key }.map { name, tensor in
      TensorEntry(name: name, shape: tensor.shape, elementType: .float32, layout: .unallocated)
    }
    self.init(name, tensors, .weights(weights))
  }

  private init(
    _ name: String, _ tensors: [TensorEntry], _ source: Source, _ partners: MergePartners? = nil
  ) {
    self.partners = partners
    self.name = name
    self.tensors = tensors
    self.source = source
    places = Dictionary(
      tensors.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { one, _ in one }
    )
  }

  /// A tensor of the model that goes with one of the first, and the order of its axes under which it
  /// lies as that one does; nil where that is its own.
  struct Found {
    var entry: TensorEntry
    var axes: [Int]?

    /// Its shape in the first model's order of axes.
    var shape: [Int] { axes.map { $0.map { entry.shape[$0] } } ?? entry.shape }
  }

  /// The tensor that goes with one of the first model; also by another name that its file has for it.
  func partner(of name: String) -> Found? {
    if let partner = partners?.partners[name] {
      return places[partner.name].map { Found(entry: tensors[$0], axes: partner.axes) }
    }
    if partners == nil, let place = places[name] { return Found(entry: tensors[place]) }
    guard case .file(let file) = source, places[name] == nil else { return nil }
    return file.catalog.tensor(named: name).map { Found(entry: $0) }
  }

  /// How many bytes have to be held to read ranges of a tensor.
  func heldByteCount(_ found: Found) -> Int {
    if found.axes != nil { return 2 * found.entry.byteCount }
    return switch source {
    case .file(let file): file.isOneRun(found.entry) ? 0 : found.entry.byteCount
    case .weights: found.entry.byteCount
    }
  }

  /// Opens a tensor, its axes in the first model's order.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is damaged.
  func open(_ found: Found, jobs: Int?) throws -> TensorRanges {
    let ranges: TensorRanges
    switch source {
    case .file(let file): ranges = try file.ranges(of: found.entry, jobs: jobs)
    case .weights(let weights):
      guard let tensor = weights[found.entry.name] else {
        throw Diagnostic(.failed, "there is no tensor of that name", at: [name, found.entry.name])
      }
      ranges = TensorRanges(tensor)
    }
    guard let axes = found.axes else { return ranges }
    return try ranges.transposed(found.entry.shape, axes)
  }
}
