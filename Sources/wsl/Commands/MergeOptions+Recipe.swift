import ArgumentParser
import Foundation
import Merging
import Support

extension MergeOptions {
  /// The recipe for that many models.
  ///
  /// - Throws: `ValidationError` where the weights are no weights.
  func recipe(modelCount: Int, seed: UInt64) throws -> MergeRecipe {
    MergeRecipe(
      formula(modelCount), weights: try factors(modelCount), scale: scale ?? 1, seed: seed,
      convention: compat == .mergekit ? .mergekit : .papers)
  }

  private func formula(_ modelCount: Int) -> MergeRecipe.Method {
    switch method {
    case .mean: .mean
    case .taskArithmetic: .taskArithmetic
    case .ties: .ties(density: density ?? 0.2, trimming: trim ?? .global)
    case .dare, .dareTies: .dare(drop: drop ?? 0.9, elects: method == .dareTies)
    case .breadcrumbs, .breadcrumbsTies:
      .breadcrumbs(
        bottom: dropBottom ?? 0.85, top: dropTop ?? 0.007, elects: method == .breadcrumbsTies)
    case .modelStock: .modelStock
    case .slerp: .slerp(at: at ?? 0.5)
    case .tallMasks:
      .tallMasks(
        threshold: maskThreshold ?? 0.4, agreement: agreement ?? min(2, modelCount),
        task: task.map { $0 - 1 })
    }
  }

  /// The weight of each model.
  private func factors(_ modelCount: Int) throws -> [Double] {
    let isShare = [.mean, .modelStock, .slerp].contains(method)
    guard let weights else {
      if method == .slerp, modelCount == 2 { return [1 - (at ?? 0.5), at ?? 0.5] }
      return Array(repeating: isShare ? 1 / Double(modelCount) : 1, count: modelCount)
    }
    let factors = try weights.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let factor = Double(word.trimmingCharacters(in: .whitespaces)), factor.isFinite else {
        throw ValidationError("--weights: '\(word)' is not a number.")
      }
      return factor
    }
    guard factors.count == modelCount else {
      throw ValidationError(
        "--weights has \(factors.count) numbers, and there are \(modelCount) networks.")
    }
    let sum = factors.reduce(0, +)
    guard method != .mean || compat == .mergekit || abs(sum - 1) < 1e-6 else {
      throw ValidationError("--weights add up to \(sum); they have to add up to 1.")
    }
    return factors
  }
}
