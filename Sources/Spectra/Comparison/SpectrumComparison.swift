public import Catalogs
import LinearAlgebra
public import ModelGraph
public import Support
import Tensors
public import WeightFiles

/// How the spectra of two models differ, layer by layer, and what spectrum the change itself has.
public struct SpectrumComparison: Sendable {
  /// A layer that both models have.
  public struct Row: Sendable {
    /// The layer in the first model.
    public var first: LayerSpectrum
    /// The layer in the second.
    public var second: LayerSpectrum
    /// The spectrum of the second's weights minus the first's; of products with their scales.
    public var change: LayerSpectrum?
    /// `‖σ(A) − σ(B)‖ / ‖σ(A)‖`: how far the singular values moved. At most the relative distance of
    /// the weights, and that only where the singular vectors stayed.
    public var spectralDistance: Double
    /// The angles between the spaces of the leading singular vectors; nil where they were not asked
    /// for, where a matrix is zero, and for products.
    public var angles: SubspaceAngles?

    /// `‖B − A‖ / ‖A‖` in the Frobenius norm.
    public var weightDistance: Double? {
      change.map { ($0.norm / first.norm).squareRoot() }
    }
  }

  /// The rows, in the order of the first model.
  public var rows: [Row]
  /// Tensors and layers that are not compared, each with its reason.
  public var skipped: [Catalog.Skipped]
  /// The layers whose spectrum could not be computed.
  public var failures: [Catalog.Skipped]
  /// What a reader of the numbers has to know, a line each.
  public var notes: [String]
  /// How the tensors of the two models were laid side by side.
  public let pairing: FilePairing

  /// Compares two models, layers whose tensors correspond (`FilePairing`).
  ///
  /// - Parameter budget: what all pairs of layers in work take together; a pair that takes more than all
  ///   of it is among the failures, before memory for it is taken.
  /// - Throws: `Diagnostic`: `badData` where no layer of one is a layer of the other, `interrupted`.
  public init(
    _ first: WeightFile, _ second: WeightFile, options: SpectrumOptions = SpectrumOptions(),
    jobs: Int? = nil, budget: MemoryBudget? = nil, progress: ProgressHandler? = nil
  ) throws {
    let plans = [first, second].map {
      SpectralPlan(
        $0.catalog, graph: try? ModelGraph($0.catalog), convolutions: options.convolutions,
        splitsHeads: options.splitsHeads)
    }
    pairing = try FilePairing(first, second)
    let partnersOfTensors = SpectralPartners(pairing, first.catalog, second.catalog)
    let pairs = partnersOfTensors.pairs(plans[0].layers, plans[1].layers)
    skipped = plans[0].skipped
    notes = plans.flatMap(\.notes)
    for (plan, other, used) in [
      (plans[0], second, Set(pairs.map(\.0))), (plans[1], first, Set(pairs.map(\.1))),
    ] {
      for index in plan.layers.indices where !used.contains(index) {
        skipped.append(
          .init(
            name: plan.layers[index].name,
            reason: partnersOfTensors.reshaped[plan.layers[index].tensors.first ?? ""]
              ?? "\(other.catalog.file) has no layer in its place"))
      }
    }
    guard !pairs.isEmpty else {
      throw Diagnostic(
        .badData, "no layer has a partner of its shape",
        at: ["\(first.catalog.file), \(second.catalog.file)"],
        remedy: "compare models of one architecture")
    }
    let partners = Dictionary(
      pairs.map { (plans[0].layers[$0.0], plans[1].layers[$0.1]) }, uniquingKeysWith: { $1 })
    let (layers, left) = options.selection.split(pairs.map { plans[0].layers[$0.0] })
    skipped += left
    let results = try SpectrumAnalysis.each(layers, jobs: jobs, progress: progress) { layer in
      guard let partner = partners[layer] else {
        throw Diagnostic(.failed, "the layer has no partner")
      }
      return try layer.within(budget, of: [first, second], options) {
        try Self.row(
          layer, partner, partnersOfTensors.axes[layer.tensors[0]], first, second, options)
      }
    }
    rows = results.compactMap { try? $0.get() }
    failures = SpectrumAnalysis.failures(layers, results)
  }

  private static func row(
    _ layer: SpectralLayer, _ partner: SpectralLayer, _ axes: [Int]?, _ first: WeightFile,
    _ second: WeightFile, _ options: SpectrumOptions
  ) throws -> Row {
    let read: (WeightFile) -> SpectrumAnalysis.TensorReading = { file in
      { name in try SpectrumAnalysis.measurable(name, of: file) }
    }
    let a = try SpectrumAnalysis.measure(layer, options: options, read: read(first))
    let b = try SpectrumAnalysis.measure(partner, options: options, read: read(second))
    var change: LayerSpectrum?
    var angles: SubspaceAngles?
    if case .product = layer.source {
      change = try Self.change(of: layer, partner, read(first), read(second), options)
    } else if layer.tensors.count == 1 {
      let one = try read(first)(layer.tensors[0])
      var difference = try read(second)(partner.tensors[0])
      if let axes { difference = difference.transposed(axes) }
      guard one.shape == difference.shape else {
        throw Diagnostic(.badData, "the shapes are \(one.shape) and \(difference.shape)")
      }
      if options.angles > 0 {
        angles = try SubspaceAngles(layer, one, layer, difference, count: options.angles)
      }
      difference.values.withUnsafeMutableBufferPointer { values in
        for index in values.indices { values[index] -= one.values[index] }
      }
      let held = difference
      change = try SpectrumAnalysis.measure(layer, options: options) { _ in held }
    }
    var (moved, whole) = (0.0, 0.0)
    // Products of another rank have fewer values; those that they lack are zero.
    let count = max(a.eigenvalues.count, b.eigenvalues.count)
    func padded(_ values: [Double]) -> [Double] {
      Array(repeating: 0, count: count - values.count) + values
    }
    for (before, after) in zip(padded(a.eigenvalues), padded(b.eigenvalues)) {
      let step = before.squareRoot() - after.squareRoot()
      moved += step * step
      whole += before
    }
    return Row(
      first: a, second: b, change: change, spectralDistance: (moved / whole).squareRoot(),
      angles: angles)
  }

  /// The spectrum of a product minus another one.
  private static func change(
    of layer: SpectralLayer, _ partner: SpectralLayer,
    _ first: @escaping SpectrumAnalysis.TensorReading,
    _ second: @escaping SpectrumAnalysis.TensorReading, _ options: SpectrumOptions
  ) throws -> LayerSpectrum {
    let before = try FactoredProduct(layer, read: first)
    let change = try FactoredProduct(partner, read: second).minus(before)
    var sum = layer
    sum.rankBound = min(change.left.columns, layer.shortSide)
    return LayerSpectrum(sum, slices: [try change.singularValues()], options: options)
  }
}

extension SpectralLayer {
  /// Whether the matrices have the sides and the axes of another layer's. Products are alike whatever
  /// their ranks and scales are.
  fileprivate func hasMatrices(like other: SpectralLayer) -> Bool {
    if case .product = source, case .product = other.source {
      return longSide == other.longSide && shortSide == other.shortSide
    }
    return source == other.source
  }
}
