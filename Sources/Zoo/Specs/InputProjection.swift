import LinearAlgebra
import Networks
import WorkbenchCore

/// A fixed random linear map that a network sees its examples through, so that trees of models can have
/// inputs of their own: the first layers of two trees with different projections have nothing in common.
///
/// In a spec, below `data`:
///
///     projection: {size: 16, seed: 3}
///
/// The elements of the map are drawn from a normal distribution of variance one over the number of
/// elements of an example; the seed alone decides them. Training and test examples go through the same
/// map, after everything else that is done to them.
public struct InputProjection: Sendable, Hashable {
  /// How many numbers an example becomes.
  public var size: Int
  /// What the map is drawn from.
  public var seed: UInt64

  /// The examples, seen through the map: vectors of `size` numbers.
  ///
  /// - Complexity: O(examples · their elements · size).
  func applied(to data: Dataset) -> Dataset {
    let count = data.exampleSize
    var generator = SeededGenerator(seed: seed)
    let scale = 1 / Double(count).squareRoot()
    let map = (0..<count * size).map { _ in Float(generator.normal() * scale) }
    var result = data
    result.exampleShape = [size]
    result.examples = []
    result.examples.reserveCapacity(data.count * size)
    for example in 0..<data.count {
      var seen = [Float](repeating: 0, count: size)
      for pixel in 0..<count {
        let value = data.examples[example * count + pixel]
        guard value != 0 else { continue }
        for place in 0..<size { seen[place] += value * map[pixel * size + place] }
      }
      result.examples += seen
    }
    return result
  }
}

extension InputProjection {
  /// Reads a projection from a spec.
  init(_ spec: SpecNode) throws {
    let members = try spec.members(["size", "seed"])
    guard let size = try members["size"]?.integer(in: 1...1_000_000) else {
      throw spec.error("'size' is missing", remedy: "for example: {size: 16, seed: 3}")
    }
    self.init(size: size, seed: UInt64(try members["seed"]?.integer(in: 0...Int.max) ?? 0))
  }

  /// Checks that a recipe's data can be seen through it.
  ///
  /// As many numbers as before would let a network pass for one of the plain examples, and be judged on
  /// them.
  func check(_ recipe: ModelRecipe, exampleSize: Int) throws {
    guard size < exampleSize else {
      throw Diagnostic(
        .badData, "a projection to \(size) numbers is none: an example has \(exampleSize)",
        remedy: "choose a smaller size")
    }
    let augmentation = recipe.training.options.augmentation
    guard !recipe.data.isRedrawn, augmentation.maximumShift == 0, !augmentation.flips else {
      throw Diagnostic(
        .badData, "what goes through a projection is no image, which could be augmented",
        remedy: "leave out the augmentation and 'draws: epoch', or the projection")
    }
  }
}
