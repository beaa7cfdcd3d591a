import Support

extension Corruption {
  /// The constants of every kind, one row a severity; the first of a row is what `strength` replaces.
  /// Hendrycks and Dietterich's for CIFAR-10-C, Mu and Gilmer's for MNIST-C.
  private static func table(_ kind: Kind, _ scale: Scale) -> [[Double]] {
    switch (kind, scale) {
    case (.gaussianNoise, .cifar): column(0.04, 0.06, 0.08, 0.09, 0.10)
    case (.gaussianNoise, .mnist): column(0.08, 0.12, 0.18, 0.26, 0.38)
    case (.shotNoise, .cifar): column(500, 250, 100, 75, 50)
    case (.shotNoise, .mnist): column(60, 25, 12, 5, 3)
    case (.impulseNoise, .cifar): column(0.01, 0.02, 0.03, 0.05, 0.07)
    case (.impulseNoise, .mnist): column(0.03, 0.06, 0.09, 0.17, 0.27)
    case (.speckleNoise, .cifar): column(0.06, 0.10, 0.12, 0.16, 0.20)
    case (.speckleNoise, .mnist): column(0.15, 0.20, 0.35, 0.45, 0.60)
    case (.gaussianBlur, .cifar): column(0.4, 0.6, 0.7, 0.8, 1.0)
    case (.gaussianBlur, .mnist): column(1, 2, 3, 4, 6)
    // Radius of the disk, deviation of its edge.
    case (.defocusBlur, .cifar): [[0.3, 0.4], [0.4, 0.5], [0.5, 0.6], [1, 0.2], [1.5, 0.1]]
    case (.defocusBlur, .mnist): [[3, 0.1], [4, 0.5], [6, 0.5], [8, 0.5], [10, 0.5]]
    // Deviation of the blurs, farthest step, rounds.
    case (.glassBlur, .cifar):
      [[0.05, 1, 1], [0.25, 1, 1], [0.4, 1, 1], [0.25, 1, 2], [0.4, 1, 2]]
    case (.glassBlur, .mnist):
      [[0.7, 1, 2], [0.9, 2, 1], [1, 2, 3], [1.1, 3, 2], [1.5, 4, 2]]
    // Deviation, radius.
    case (.motionBlur, .cifar): [[1, 6], [1.5, 6], [2, 6], [2, 8], [2.5, 9]]
    case (.motionBlur, .mnist): [[3, 10], [5, 15], [8, 15], [12, 15], [15, 20]]
    // The largest enlargement in hundredths, and the step between two.
    case (.zoomBlur, .cifar): [[6, 1], [11, 1], [15, 1], [20, 1], [25, 1]]
    case (.zoomBlur, .mnist): [[11, 1], [15, 1], [20, 2], [24, 2], [30, 3]]
    // Brightness of the layer, decay of its detail.
    case (.fog, .cifar): [[0.2, 3], [0.5, 3], [0.75, 2.5], [1, 2], [1.5, 1.75]]
    case (.fog, .mnist): [[1.5, 2], [2, 2], [2.5, 1.7], [2.5, 1.5], [3, 1.4]]
    // Share of the ice, share of the image.
    case (.frost, .cifar): [[0.2, 1], [0.3, 1], [0.4, 0.9], [0.4, 0.85], [0.45, 0.75]]
    case (.frost, .mnist): [[0.4, 1], [0.6, 0.8], [0.7, 0.7], [0.7, 0.65], [0.75, 0.6]]
    // Mean and deviation of the layer, its enlargement, the threshold, radius and deviation of its
    // blur, share of the image.
    case (.snow, .cifar):
      [
        [0.1, 0.2, 1, 0.6, 8, 3, 0.95], [0.1, 0.2, 1, 0.5, 10, 4, 0.9],
        [0.15, 0.3, 1.75, 0.55, 10, 4, 0.9], [0.25, 0.3, 2.25, 0.6, 12, 6, 0.85],
        [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
      ]
    case (.snow, .mnist):
      [
        [0.1, 0.3, 3, 0.5, 10, 4, 0.8], [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
        [0.55, 0.3, 4, 0.9, 12, 8, 0.7], [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
        [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
      ]
    // Mean and deviation of the liquid, deviation of its blur, the threshold, strength of water or
    // blur of mud, whether it is mud.
    case (.spatter, .cifar):
      [
        [0.62, 0.1, 0.7, 0.7, 0.5, 0], [0.65, 0.1, 0.8, 0.7, 0.5, 0],
        [0.65, 0.3, 1, 0.69, 0.5, 0], [0.65, 0.1, 0.7, 0.69, 0.6, 1],
        [0.65, 0.1, 0.5, 0.68, 0.6, 1],
      ]
    case (.spatter, .mnist):
      [
        [0.65, 0.3, 4, 0.69, 0.6, 1], [0.65, 0.3, 3, 0.68, 0.6, 1],
        [0.65, 0.3, 2, 0.68, 0.5, 1], [0.65, 0.3, 1, 0.65, 1.5, 1],
        [0.67, 0.4, 1, 0.65, 1.5, 1],
      ]
    case (.contrast, .cifar): column(0.75, 0.5, 0.4, 0.3, 0.15)
    case (.contrast, .mnist): column(0.4, 0.3, 0.2, 0.1, 0.05)
    case (.brightness, .cifar): column(0.05, 0.1, 0.15, 0.2, 0.3)
    case (.brightness, .mnist): column(0.1, 0.2, 0.3, 0.4, 0.5)
    // Factor, summand.
    case (.saturate, .cifar): [[0.3, 0], [0.1, 0], [1.5, 0], [2, 0.1], [2.5, 0.2]]
    case (.saturate, .mnist): [[0.3, 0], [0.1, 0], [2, 0], [5, 0.1], [20, 0.2]]
    case (.pixelate, .cifar): column(0.95, 0.9, 0.85, 0.75, 0.65)
    case (.pixelate, .mnist): column(0.6, 0.5, 0.4, 0.3, 0.25)
    case (.jpegCompression, .cifar): column(80, 65, 58, 50, 40)
    case (.jpegCompression, .mnist): column(25, 18, 15, 10, 7)
    // Displacement, its smoothness, and the affine map's, in lengths of the image.
    case (.elasticTransform, .cifar):
      [
        [0, 0, 0.08], [0.05, 0.2, 0.07], [0.08, 0.06, 0.06], [0.1, 0.04, 0.05], [0.1, 0.03, 0.03],
      ]
    case (.elasticTransform, .mnist):
      [
        [2, 0.7, 0.1], [2, 0.08, 0.2], [0.05, 0.01, 0.02], [0.07, 0.01, 0.02], [0.12, 0.01, 0.02],
      ]
    case (.shear, _), (.rotate, _): column(0.2, 0.4, 0.6, 0.8, 1)
    case (.scale, _): column(0.9, 0.8, 0.7, 0.6, 0.5)
    case (.translate, _): column(1, 2, 3, 4, 5)
    case (.stripe, _), (.dottedLine, _), (.zigzag, _), (.cannyEdges, _), (.inverse, _):
      column(1, 1, 1, 1, 1)
    }
  }

  private static func column(_ values: Double...) -> [[Double]] { values.map { [$0] } }

  /// The constants of this kind at this severity, in the order of its definition.
  public var constants: [Double] {
    var row = Corruption.table(kind, scale)[severity - 1]
    if let strength { row[0] = strength }
    return row
  }
}

extension Corruption.Kind {
  /// What an explicit strength may be: the first constant of the kind, in its own unit. Nil where
  /// only severities are known.
  ///
  /// - `gaussian-noise`, `speckle-noise`: the deviation. `shot-noise`: photons of a white pixel.
  ///   `impulse-noise`: the share of elements. `gaussian-blur`: the deviation in pixels.
  /// - `contrast`: the share that is left. `brightness`: what is added. `fog`: the layer's
  ///   brightness. `frost`: the share of ice. `pixelate`: the share of the resolution.
  ///   `jpeg-compression`: the quality. `shear`, `rotate`: radians. `scale`: the size that is left.
  ///   `translate`: pixels. `stripe`: inverted columns in the middle, whole, in place of MNIST-C's on
  ///   both sides.
  public var strengths: ClosedRange<Double>? {
    switch self {
    case .gaussianNoise, .speckleNoise: 0...10
    case .shotNoise: 0.1...10_000
    case .impulseNoise, .contrast, .brightness, .frost: 0...1
    case .gaussianBlur: 0...100
    case .fog: 0...10
    case .pixelate, .scale: 0.01...1
    case .jpegCompression: 1...100
    case .shear, .rotate: 0...1.5
    case .translate: 0...1000
    case .stripe: 1...1000
    default: nil
    }
  }

  /// The severity at which MNIST-C has a kind.
  public var digitsSeverity: Int {
    switch self {
    case .glassBlur, .motionBlur, .defocusBlur, .elasticTransform: 1
    case .shear, .rotate, .gaussianBlur: 2
    case .scale, .translate, .pixelate: 3
    case .impulseNoise, .spatter, .contrast: 4
    default: 5
    }
  }
}
