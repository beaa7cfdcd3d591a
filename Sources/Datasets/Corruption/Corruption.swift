import LinearAlgebra
public import Networks
import Support

/// Damage done to images, in the kinds and strengths of common-corruption benchmarks.
///
/// Definitions and constants are those of Hendrycks and Dietterich ("Benchmarking neural network
/// robustness to common corruptions and perturbations", ICLR 2019) for images of 32 × 32, and of Mu
/// and Gilmer ("MNIST-C", 2019) for digits. Images of any size and number of channels are taken;
/// constants in pixels stay what they are. Pixels are from 0 to 1 before and after, and like the
/// benchmarks' have 8 bits after: multiples of 1/255, rounded to the nearest.
///
/// Where the benchmarks' code does not do what it says, this does what it says: glass blur swaps
/// pixels (theirs copies one over the other in colour images), and MNIST-C's normal blur is along
/// both axes. Frost's textures are drawn here, so its figures are not comparable with theirs.
public struct Corruption: Sendable, Hashable {
  /// What is done.
  public var kind: Kind
  /// How strongly, 1 to 5.
  public var severity: Int
  /// Whose strengths the severities are.
  public var scale: Scale
  /// The first constant of the kind in place of the severity's (`Kind.strengths`); nil takes that.
  public var strength: Double?

  /// Makes a corruption.
  ///
  /// - Parameters:
  ///   - severity: 1 to 5.
  ///   - strength: within `kind.strengths`.
  public init(_ kind: Kind, severity: Int = 3, scale: Scale = .cifar, strength: Double? = nil) {
    precondition((1...5).contains(severity), "severities are 1 to 5")
    if let strength {
      precondition(kind.strengths?.contains(strength) == true, "the kind takes no such strength")
    }
    self.kind = kind
    self.severity = severity
    self.scale = scale
    self.strength = strength
  }

  /// The examples of a data set, corrupted.
  ///
  /// Every example draws from a generator of its own, so what becomes of it depends on the seed and
  /// on its place only.
  ///
  /// - Parameter jobs: how many threads work; nil means one a processor. The result is the same.
  /// - Throws: `Diagnostic` of code `usage` where the examples are no images, or have elements
  ///   outside 0…1.
  /// - Complexity: O(elements); a blur also times the width of its kernel.
  public func applied(to dataset: Dataset, seed: UInt64, jobs: Int? = 1) throws -> Dataset {
    let layout = try ImageLayout(exampleShape: dataset.exampleShape)
    if let value = dataset.examples.first(where: { !(0...1).contains($0) }) {
      throw Diagnostic(
        .usage, "a corruption needs pixels from 0 to 1, and the data have \(value)",
        remedy: "scale the data, or do without corruption")
    }
    let root = SeededGenerator(seed: seed)
    let size = dataset.exampleSize
    let block = 64
    let blocks = try Parallel.map(count: (dataset.count + block - 1) / block, jobs: jobs) { part in
      guard !Task.isCancelled else {
        throw Diagnostic(.interrupted, "the work was interrupted", remedy: "run it again")
      }
      var pixels: [Float] = []
      for example in part * block..<min(dataset.count, (part + 1) * block) {
        let range = example * size..<(example + 1) * size
        var generator = root.derived(UInt64(example))
        let image = corrupted(
          Raster(dataset.examples[range], layout), using: &generator)
        image.append(to: &pixels, layout)
      }
      return pixels
    }
    var result = dataset
    result.examples = Array(blocks.joined())
    return result
  }

  /// One image, corrupted.
  func corrupted(_ image: Raster, using generator: inout SeededGenerator) -> Raster {
    var image = image
    switch kind {
    case .gaussianNoise, .shotNoise, .impulseNoise, .speckleNoise:
      addNoise(to: &image, using: &generator)
    case .gaussianBlur, .defocusBlur, .glassBlur, .motionBlur, .zoomBlur:
      blur(&image, using: &generator)
    case .fog, .frost, .snow, .spatter: addWeather(to: &image, using: &generator)
    case .brightness, .saturate, .contrast, .inverse, .stripe: recolour(&image)
    case .pixelate: for plane in image.planes.indices { pixelate(&image.planes[plane]) }
    case .jpegCompression: image = JPEGLoss(quality: Int(constants[0])).applied(to: image)
    case .elasticTransform: stretch(&image, using: &generator)
    case .shear, .scale, .rotate, .translate: move(&image, using: &generator)
    case .dottedLine, .zigzag: addLine(to: &image, using: &generator)
    case .cannyEdges:
      for plane in image.planes.indices { image.planes[plane] = image.planes[plane].edges() }
    }
    return image
  }
}

extension Corruption: ExampleTransform {}
