public import LinearAlgebra

/// What is measured of every layer.
public struct SpectrumOptions: Sendable, Hashable {
  /// What becomes of convolutions.
  public var convolutions: SpectralPlan.Convolutions
  /// Whether each head of an attention kernel is measured for itself.
  public var splitsHeads: Bool
  /// In which precision singular values are computed.
  public var precision: SingularValues.Precision
  /// How many spectra are drawn for the interval of α and the goodness of fit; 0 for neither.
  public var replicates: Int
  /// Whether the spectrum of the shuffled matrix is measured as well.
  public var shuffles: Bool
  /// Whether the exponent at a fixed aspect ratio is measured.
  public var fixesAspect: Bool
  /// Whether singular vectors are computed and their localisation is measured: some times the work.
  public var measuresVectors: Bool
  /// Between how many leading singular vectors of two models angles are measured; 0 for none.
  public var angles: Int
  /// The seed of all chance. What a layer draws depends on it and on the layer's name.
  public var seed: UInt64

  /// Which layers are measured.
  public var selection: LayerSelection

  /// Makes options.
  public init(
    convolutions: SpectralPlan.Convolutions = .slices,
    precision: SingularValues.Precision = .double, replicates: Int = 0, shuffles: Bool = false,
    fixesAspect: Bool = false, measuresVectors: Bool = false, angles: Int = 0, seed: UInt64 = 0,
    splitsHeads: Bool = false, selection: LayerSelection = LayerSelection()
  ) {
    self.selection = selection
    self.splitsHeads = splitsHeads
    self.convolutions = convolutions
    self.precision = precision
    self.replicates = replicates
    self.shuffles = shuffles
    self.fixesAspect = fixesAspect
    self.measuresVectors = measuresVectors
    self.angles = angles
    self.seed = seed
  }

  /// A layer's own source of chance.
  func generator(for layer: String) -> SeededGenerator {
    let hash = layer.utf8.reduce(0 as UInt64) { SplitMix64.mixed($0 &+ UInt64($1) &+ 1) }
    return SeededGenerator(seed: seed).derived(hash)
  }
}
