import Catalogs
import ModelGraph
public import Support
public import Tensors
import WeightFiles

/// An element of a network's weights that is not a finite number, after which nothing that the network
/// computes counts.
public struct BrokenElement: Sendable, Hashable {
  /// The file.
  public var file: String
  /// The tensor's name there.
  public var tensor: String
  /// The place of the element, row-major from 0, in the axis order that the weights are held in.
  public var element: Int

  /// The first such element, by the names of tensors; nil where all are finite.
  ///
  /// - Parameters:
  ///   - names: the names in the file, by those of the weights; the same where there is none.
  /// - Complexity: O(elements).
  public init?(in weights: Weights, of file: String, names: [String: String] = [:]) {
    for name in weights.keys.sorted() {
      guard let element = weights[name]?.firstNonFinite else { continue }
      (self.file, tensor, self.element) = (file, names[name] ?? name, element)
      return
    }
    return nil
  }

  /// The error, where such a network is refused.
  public var diagnostic: Diagnostic {
    Diagnostic(
      .badData, "element \(element) is not a finite number", at: [file, tensor],
      remedy: "training has diverged, or the file is damaged: use an earlier checkpoint")
  }

  /// The sentence, where such a network is measured.
  public var warning: String {
    "\(file): \(tensor): element \(element) is not a finite number: this network's loss and accuracy "
      + "are not known"
  }
}

extension LoadedModel {
  /// The first weight that is not a finite number; nil where all are.
  public var brokenElement: BrokenElement? { BrokenElement(in: weights, of: path) }
}

extension MatchedModels {
  /// The first weight of each network that is not a finite number.
  public var brokenElements: [BrokenElement] {
    models.compactMap { model in
      BrokenElement(
        in: model.weights, of: model.file.catalog.file, names: model.pair?.tensorsBFromA ?? [:])
    }
  }
}
