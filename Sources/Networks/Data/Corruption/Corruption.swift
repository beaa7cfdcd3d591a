import LinearAlgebra
import WorkbenchCore

/// Damage done to images, in the kinds and strengths of common-corruption benchmarks.
///
/// The strengths are those that Hendrycks and Dietterich ("Benchmarking neural network robustness
/// to common corruptions and perturbations", ICLR 2019) chose for images of 32 × 32; `inverse` is
/// one of MNIST-C (Mu and Gilmer, 2019). Pixels are from 0 to 1, before and after.
public struct Corruption: Sendable, Hashable {
  /// What is done to an image.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Normal noise is added to every element.
    case gaussianNoise = "gaussian-noise"
    /// Every element becomes a count of Poisson's law, as few photons make it.
    case shotNoise = "shot-noise"
    /// Some elements become black or white.
    case impulseNoise = "impulse-noise"
    /// Every element is multiplied by normal noise around 1.
    case speckleNoise = "speckle-noise"
    /// A normal blur; edges are mirrored.
    case gaussianBlur = "gaussian-blur"
    /// Every element moves towards the mean of its channel.
    case contrast
    /// Every element is raised.
    case brightness
    /// Blocks of pixels become their mean: the image at a lower resolution.
    case pixelate
    /// Black becomes white. It has no strength.
    case inverse
  }

  /// What is done.
  public var kind: Kind
  /// How strongly, 1 to 5.
  public var severity: Int

  /// Makes a corruption.
  ///
  /// - Parameter severity: 1 to 5.
  public init(_ kind: Kind, severity: Int) {
    precondition((1...5).contains(severity), "severities are 1 to 5")
    self.kind = kind
    self.severity = severity
  }

  /// The examples of a data set, corrupted.
  ///
  /// Every example draws from a generator of its own, so what becomes of it depends on the seed and
  /// on its place only.
  ///
  /// - Throws: `Diagnostic` of code `usage` where the examples are no images, or have elements
  ///   outside 0…1.
  /// - Complexity: O(elements); a blur also times the width of its kernel.
  public func applied(to dataset: Dataset, seed: UInt64) throws -> Dataset {
    let layout = try ImageLayout(exampleShape: dataset.exampleShape)
    if let value = dataset.examples.first(where: { !(0...1).contains($0) }) {
      throw Diagnostic(
        .usage, "a corruption needs pixels from 0 to 1, and the data have \(value)",
        remedy: "scale the data, or train without corruption")
    }
    let root = SeededGenerator(seed: seed)
    var result = dataset
    var image = Array(repeating: Float(0), count: dataset.exampleSize)
    for example in 0..<dataset.count {
      let range = example * image.count..<(example + 1) * image.count
      image.replaceSubrange(image.indices, with: dataset.examples[range])
      var generator = root.derived(UInt64(example))
      corrupt(&image, layout, using: &generator)
      for (place, value) in zip(range, image) {
        result.examples[place] = min(1, max(0, value))
      }
    }
    return result
  }

  /// The strength of this severity among five.
  func strength(_ values: [Double]) -> Double { values[severity - 1] }

  private func corrupt(
    _ image: inout [Float], _ layout: ImageLayout, using generator: inout SeededGenerator
  ) {
    switch kind {
    case .gaussianNoise, .shotNoise, .impulseNoise, .speckleNoise:
      addNoise(to: &image, using: &generator)
    case .gaussianBlur: blur(&image, layout)
    case .pixelate: pixelate(&image, layout)
    case .contrast: reduceContrast(of: &image, layout)
    case .brightness:
      let shift = Float(strength([0.05, 0.1, 0.15, 0.2, 0.3]))
      for index in image.indices { image[index] += shift }
    case .inverse:
      for index in image.indices { image[index] = 1 - image[index] }
    }
  }
}
