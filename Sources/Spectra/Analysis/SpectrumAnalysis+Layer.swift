public import LinearAlgebra
import Support
public import Tensors

extension SpectrumAnalysis {
  /// The singular values of each of a layer's matrices, falling.
  public static func singularValues(
    of layer: SpectralLayer, precision: SingularValues.Precision, read: TensorReading
  ) throws -> [[Double]] {
    if case .product = layer.source {
      let product = try FactoredProduct(layer, read: read)
      return [try product.singularValues()]
    }
    var slices: [[Double]] = []
    try forEachMatrix(of: layer, read: read) {
      slices.append(try SingularValues.of($0, precision: precision))
    }
    return slices
  }

  /// Measures one layer.
  static func measure(
    _ layer: SpectralLayer, options: SpectrumOptions, read: TensorReading
  ) throws -> LayerSpectrum {
    try measure(
      layer, options: options,
      holding: Dictionary(layer.tensors.map { ($0, try read($0)) }, uniquingKeysWith: { $1 }))
  }

  /// Measures one layer.
  ///
  /// - Parameter held: all of its tensors.
  static func measure(
    _ layer: SpectralLayer, options: SpectrumOptions, holding held: [String: Tensor]
  ) throws -> LayerSpectrum {
    let readHeld: TensorReading = { name in
      guard let tensor = held[name] else {
        throw Diagnostic(.failed, "a tensor of the layer is missing", at: [name])
      }
      return tensor
    }
    let slices = try singularValues(of: layer, precision: options.precision, read: readHeld)
    var result = LayerSpectrum(layer, slices: slices, options: options)
    if case .product = layer.source { return result }
    if options.fixesAspect {
      var windows: [Double] = []
      try forEachMatrix(of: layer, read: readHeld) {
        windows += try FixedAspect.eigenvalues($0, precision: options.precision)
      }
      windows.sort()
      result.fixedAspectAlpha = HillEstimator.alpha(
        LayerSpectrum.resolved(windows, options.precision))
    }
    if options.shuffles {
      result.shuffled = try shuffled(layer, result.eigenvalues, options, readHeld)
    }
    if options.measuresVectors, let threshold = result.powerLaw?.threshold {
      var samples: [VectorLocalization.Sample] = []
      try forEachMatrix(of: layer, read: readHeld) { samples += try VectorLocalization.samples($0) }
      result.vectors = VectorLocalization(samples, threshold: threshold)
    }
    return result
  }

  /// The spectrum of the layer's shuffled matrices.
  static func shuffled(
    _ layer: SpectralLayer, _ original: [Double], _ options: SpectrumOptions,
    _ read: TensorReading
  ) throws -> ShuffledSpectrum {
    var generator = options.generator(for: layer.name).derived(1)
    var slices: [[Double]] = []
    var variances: [Double] = []
    try forEachMatrix(of: layer, read: read) { matrix in
      let (shuffled, variance) = ShuffledSpectrum.shuffled(matrix, &generator)
      slices.append(try SingularValues.of(shuffled, precision: options.precision))
      variances.append(variance)
    }
    return ShuffledSpectrum(
      slices: slices, variances: variances, original: original, longSide: layer.longSide,
      shortSide: layer.shortSide)
  }

  static func forEachMatrix(
    of layer: SpectralLayer, read: TensorReading, _ body: (MatrixView<Float>) throws -> Void
  ) throws {
    guard let name = layer.tensors.first else { return }
    try layer.forEachMatrix(of: try read(name), body)
  }
}
