public import Catalogs
import LinearAlgebra
import ModelGraph
import Probes
import Spectra
import Support
import Tensors
import ZooIndex

/// The matrices of a model that a probe can read.
///
/// A kernel of a convolution is one matrix, outputs × (inputs · window), its axes really transposed; a
/// stack of matrices (experts, heads) is one with all their rows; the update of a LoRA pair is its two
/// factors.
public struct ModelLayers {
  /// How a kernel of a convolution becomes a matrix.
  public enum Convolutions: String, Sendable, Hashable, CaseIterable {
    /// Outputs × (inputs · window), the axes really transposed.
    case transposed
    /// What the published loader of ProbeX makes of it: of a window of more than one place, the elements in
    /// PyTorch's order (outputs, inputs, window), read as (inputs · window) × outputs without a
    /// transposition, so that a row mixes outputs.
    case probex
  }

  /// A matrix of a model.
  public struct Layer: Sendable, Hashable {
    /// Its name: the tensor's, or that of the module for a pair of factors, with the gate in brackets
    /// for a part of a tensor.
    public var name: String
    /// The rows.
    public var rows: Int
    /// The columns.
    public var columns: Int
    /// The inner side of factors; nil where the matrix itself is stored.
    public var rank: Int?
    /// Where it comes from.
    var source: SpectralLayer
    /// Whether its elements are read as the published loader reads those of convolutions.
    var isReshaped = false

    /// What has to agree between models.
    var shape: [Int] { [rows, columns, rank == nil ? 0 : 1] }
  }

  /// The layers, in the file's order.
  public private(set) var layers: [Layer] = []

  /// Finds the layers of a catalogue.
  public init(_ catalog: Catalog, convolutions: Convolutions = .transposed) {
    for source in SpectralPlan(catalog, convolutions: .flattened).layers {
      guard var layer = Self.layer(source, catalog) else { continue }
      if convolutions == .probex, layer.kernel != nil {
        (layer.rows, layer.columns) = (layer.columns, layer.rows)
        layer.isReshaped = true
      }
      layers.append(layer)
    }
  }

  private static func layer(_ source: SpectralLayer, _ catalog: Catalog) -> Layer? {
    switch source.source {
    case .product:
      guard source.tensors.count >= 2, let left = catalog.tensor(named: source.tensors[0]),
        let right = catalog.tensor(named: source.tensors[1]), let rank = right.shape.first
      else { return nil }
      return Layer(
        name: source.name, rows: left.shape[0], columns: right.shape.dropFirst().reduce(1, *),
        rank: rank, source: source)
    case .view(let shape, let roles), .slice(let shape, let roles, _):
      func count(_ role: SpectralLayer.AxisRole) -> Int {
        shape.indices.reduce(1) { roles[$1] == role ? $0 * shape[$1] : $0 }
      }
      var name = source.tensors.first ?? source.name
      var slices = count(.slice)
      if case .slice = source.source {
        name += source.name.firstIndex(of: "[").map { String(source.name[$0...]) } ?? ""
        slices = 1
      }
      return Layer(
        name: name, rows: slices * count(.row), columns: count(.column), rank: nil, source: source)
    }
  }

  /// Whether a model's tensors are an adapter's, so that its documents have to be read, too.
  public static func needDocuments(_ entries: [TensorEntry]) -> Bool {
    Adapter(Catalog(file: "", format: .safetensors, byteCount: 0, tensors: entries)) != nil
  }
}

extension ModelLayers.Layer {
  /// Of a kernel with a window of more than one place: how many inputs and places it has, and whether the
  /// inputs are the axis before the outputs at the end, as in Keras; nil for all others.
  var kernel: (inputs: Int, places: Int, inputsLast: Bool)? {
    guard source.type.hasPrefix("conv"), case .view(let shape, let roles) = source.source,
      shape.count >= 3, roles.count == shape.count,
      roles.count(where: { $0 == .column }) == shape.count - 1
    else { return nil }
    let inputs: Int
    let inputsLast = roles.last == .row
    if inputsLast {
      inputs = shape[shape.count - 2]
    } else if roles[0] == .row {
      inputs = shape[1]
    } else {
      return nil
    }
    let columns = zip(shape, roles).reduce(1) { $1.1 == .column ? $0 * $1.0 : $0 }
    guard inputs > 0, columns / inputs > 1 else { return nil }
    return (inputs, columns / inputs, inputsLast)
  }

  /// The elements of a kernel, a row an output, in PyTorch's order: those of the window of an input together.
  private func inPyTorchsOrder(_ values: [Float]) -> [Float] {
    guard isReshaped, let kernel, kernel.inputsLast else { return values }
    let size = kernel.inputs * kernel.places
    var result = values
    for start in stride(from: 0, to: values.count, by: size) {
      for place in 0..<kernel.places {
        for input in 0..<kernel.inputs {
          result[start + input * kernel.places + place] =
            values[start + place * kernel.inputs + input]
        }
      }
    }
    return result
  }

  /// Reads the elements of the matrix, row-major; of factors the left one, times the scale, then the
  /// right one.
  ///
  /// - Parameter rank: how long the inner side of factors is made, with zeros.
  /// - Throws: `Diagnostic` of code `badData` where it is damaged or holds what is not finite.
  func read(from model: ScannedModel, rank: Int?) throws -> [Float] {
    let entries = try source.tensors.map { name -> TensorEntry in
      guard let entry = model.entries.first(where: { $0.name == name }) else {
        throw Diagnostic(.badData, "it has no such tensor", at: [name])
      }
      return entry
    }
    return try model.with(entries) { tensors in
      for (entry, tensor) in zip(entries, tensors) {
        if let place = tensor.firstNonFinite {
          throw Diagnostic(
            .badData, "element \(place) is \(tensor.values[place])", at: [entry.name])
        }
      }
      guard case .product = source.source else { return try plain(tensors[0]) }
      let byName = Dictionary(
        zip(entries.map(\.name), tensors), uniquingKeysWith: { first, _ in first })
      let product = try FactoredProduct(source) { name in
        guard let tensor = byName[name] else {
          throw Diagnostic(.badData, "it has no such tensor", at: [name])
        }
        return tensor
      }
      return padded(product, to: rank ?? product.left.columns)
    }
  }

  private func plain(_ tensor: Tensor) throws -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(rows * columns)
    try source.forEachMatrix(of: tensor) { view in
      for row in 0..<view.rows {
        values += UnsafeBufferPointer(start: view.base + row * view.rowStride, count: view.columns)
      }
    }
    guard values.count == rows * columns else {
      throw Diagnostic(.badData, "it is no matrix of \(rows)×\(columns)", at: [name])
    }
    return inPyTorchsOrder(values)
  }

  /// Zeros beside the left factor and below the right one change nothing in their product.
  private func padded(_ product: FactoredProduct, to rank: Int) -> [Float] {
    let (own, scale) = (product.left.columns, Float(product.scale))
    let more = [Float](repeating: 0, count: max(0, rank - own))
    var values: [Float] = []
    for row in 0..<product.left.rows {
      values += product.left.values[row * own..<(row + 1) * own].map { $0 * scale } + more
    }
    values += product.right.values
    for _ in more { values += [Float](repeating: 0, count: product.right.columns) }
    return values
  }
}
