extension Corruption {
  /// What is done to an image.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Normal noise is added to every element.
    case gaussianNoise = "gaussian-noise"
    /// Every element becomes a count of Poisson's law, as few photons make it.
    case shotNoise = "shot-noise"
    /// Some elements become black or white.
    case impulseNoise = "impulse-noise"
    /// A disk's blur, as of a lens out of focus.
    case defocusBlur = "defocus-blur"
    /// Neighbouring pixels change places between two normal blurs.
    case glassBlur = "glass-blur"
    /// A blur along a random direction.
    case motionBlur = "motion-blur"
    /// The mean of enlarged images.
    case zoomBlur = "zoom-blur"
    /// Flakes that fall, and less contrast below them.
    case snow
    /// Ice on the lens. Its textures are drawn here, not photographed.
    case frost
    /// A bright, cloudy layer: diamond-square noise.
    case fog
    /// Every pixel's value (of hue, saturation and value) is raised.
    case brightness
    /// Every element moves towards the mean of its channel.
    case contrast
    /// A random affine map, then a random smooth displacement.
    case elasticTransform = "elastic-transform"
    /// The image at a lower resolution.
    case pixelate
    /// What JPEG loses: quantised cosines of blocks of 8 × 8, colour at half the resolution.
    case jpegCompression = "jpeg-compression"
    /// Every element is multiplied by normal noise around 1.
    case speckleNoise = "speckle-noise"
    /// A normal blur; edges are repeated.
    case gaussianBlur = "gaussian-blur"
    /// Drops of water or mud.
    case spatter
    /// More or less colour.
    case saturate
    /// Rows slide sideways, in proportion to their distance from the middle.
    case shear
    /// The image shrinks towards the middle.
    case scale
    /// A turn to the left or to the right.
    case rotate
    /// The image moves along both axes.
    case translate
    /// The first and the last quarter of the columns are inverted.
    case stripe
    /// A bright dotted line from side to side.
    case dottedLine = "dotted-line"
    /// A bright zigzag from side to side.
    case zigzag
    /// Only the edges that Canny's detector finds.
    case cannyEdges = "canny-edges"
    /// Black becomes white.
    case inverse

    /// Reads a name, with hyphens or, as the benchmarks' files are called, with underscores.
    public init?(name: String) {
      self.init(rawValue: String(name.map { $0 == "_" ? "-" : $0 }))
    }

    /// Whether there is a choice of strengths.
    public var hasSeverity: Bool {
      switch self {
      case .stripe, .dottedLine, .zigzag, .cannyEdges, .inverse: false
      default: true
      }
    }

    /// Whether the result depends on nothing but the image.
    public var isDeterministic: Bool {
      switch self {
      case .defocusBlur, .zoomBlur, .brightness, .contrast, .pixelate, .jpegCompression,
        .gaussianBlur, .saturate, .scale, .stripe, .cannyEdges, .inverse:
        true
      default: false
      }
    }

    /// The fifteen over which the mean corruption error is taken (Hendrycks and Dietterich 2019).
    public static let benchmark: [Kind] = [
      .gaussianNoise, .shotNoise, .impulseNoise, .defocusBlur, .glassBlur, .motionBlur, .zoomBlur,
      .snow, .frost, .fog, .brightness, .contrast, .elasticTransform, .pixelate, .jpegCompression,
    ]

    /// The four that the same authors set aside to choose models by.
    public static let extra: [Kind] = [.speckleNoise, .gaussianBlur, .spatter, .saturate]

    /// The fifteen of MNIST-C (Mu and Gilmer 2019).
    public static let digits: [Kind] = [
      .shotNoise, .impulseNoise, .glassBlur, .motionBlur, .shear, .scale, .rotate, .brightness,
      .translate, .stripe, .fog, .spatter, .dottedLine, .zigzag, .cannyEdges,
    ]

    /// Those that ask for another function, not for robustness: a patch of weights that gives
    /// robustness gains nothing against them.
    public static let controls: [Kind] = [.inverse, .stripe]
  }

  /// Whose strengths the severities 1 to 5 mean.
  public enum Scale: String, Sendable, Hashable, CaseIterable {
    /// CIFAR-10-C's, chosen for small colour photographs.
    case cifar
    /// MNIST-C's, chosen for white digits of 28 × 28; much stronger.
    case mnist
  }
}
