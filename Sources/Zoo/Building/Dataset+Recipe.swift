import LinearAlgebra
import Networks
import WorkbenchCore

extension Dataset {
  /// The examples that a recipe asks for. Classes are selected in both splits; the fraction and
  /// the noise change training data only.
  func selected(by recipe: DataRecipe, isTraining: Bool) throws -> Dataset {
    var result = self
    if let classes = recipe.classes { result = try result.keeping(classes, of: recipe.source) }
    guard isTraining else { return result }
    let root = SeededGenerator(seed: recipe.seed)
    if recipe.fraction < 1 {
      var generator = root.derived(0)
      let count = max(1, Int((Double(result.count) * recipe.fraction).rounded()))
      let order = generator.permutation(count: result.count)
      result = result.taking(order.prefix(count).sorted())
    }
    if recipe.labelNoise > 0, result.classCount > 1 {
      var generator = root.derived(1)
      for index in result.labels.indices where generator.uniform() < recipe.labelNoise {
        // Another class, each as likely: a step of 1 to classCount − 1 around the circle.
        let step = 1 + Int32(generator.uniform() * Double(result.classCount - 1))
        result.labels[index] = (result.labels[index] + step) % Int32(result.classCount)
      }
    }
    if let corruption = recipe.corruption {
      var generator = root.derived(2)
      result = try corruption.applied(to: result, seed: generator.next())
    }
    return result
  }

  private func keeping(_ classes: [Int], of source: String) throws -> Dataset {
    if let unknown = classes.first(where: { $0 >= classCount }) {
      throw Diagnostic(
        .badData, "there is no class \(unknown)", at: [source],
        remedy: "its classes are 0…\(classCount - 1)")
    }
    let numbers = Dictionary(
      uniqueKeysWithValues: classes.enumerated().map { (Int32($0.element), Int32($0.offset)) })
    var result = taking(labels.indices.filter { numbers[labels[$0]] != nil })
    result.labels = result.labels.map { numbers[$0] ?? 0 }
    result.classCount = classes.count
    return result
  }

  /// The examples with those indices, in that order.
  private func taking(_ indices: [Int]) -> Dataset {
    var result = self
    result.labels = indices.map { labels[$0] }
    result.examples = []
    result.examples.reserveCapacity(indices.count * exampleSize)
    for index in indices {
      result.examples += examples[index * exampleSize..<(index + 1) * exampleSize]
    }
    return result
  }
}
