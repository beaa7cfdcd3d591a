import LinearAlgebra
import Networks
import WorkbenchCore

extension Dataset {
  /// The examples that a recipe asks for, seen through its projection.
  func selected(by recipe: DataRecipe, isTraining: Bool) throws -> Dataset {
    let chosen = try chosen(by: recipe, isTraining: isTraining)
    return recipe.projection?.applied(to: chosen) ?? chosen
  }

  /// The examples as they are. Classes are selected in both splits; the fraction and
  /// the noise change training data only.
  private func chosen(by recipe: DataRecipe, isTraining: Bool) throws -> Dataset {
    let root = SeededGenerator(seed: recipe.seed)
    var result = self
    if isTraining, let portion = recipe.portion {
      var generator = root.derived(0)
      let order = generator.permutation(count: count)
      func place(_ share: Double) -> Int { Int((share * Double(count)).rounded()) }
      let chosen = order[place(portion.lowerBound)..<place(portion.upperBound)].sorted()
      guard !chosen.isEmpty else {
        throw Diagnostic(
          .badData, "the portion has no example", at: [recipe.source],
          remedy: "there are \(count): choose a larger one")
      }
      result = result.taking(chosen)
    }
    if let classes = recipe.classes {
      do { result = try result.keeping(classes: classes) } catch let error as Diagnostic {
        throw error.inside(recipe.source)
      }
    }
    guard isTraining else { return result }
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
    if let corruption = recipe.corruption, !recipe.isRedrawn {
      var generator = root.derived(2)
      result = try corruption.applied(to: result, seed: generator.next())
    }
    return result
  }
}
