import Catalogs
import Foundation

/// Which of a model's layers are measured.
public struct LayerSelection: Sendable, Hashable {
  /// Patterns with `*` and `?`: a layer is taken whose name, or that of one of its tensors, or whose type
  /// fits one of them as a whole. Empty for all.
  public var patterns: [String]
  /// How long the shorter side of a layer's matrices is.
  public var shortSides: ClosedRange<Int>

  /// Makes a selection; as it stands, of everything.
  public init(patterns: [String] = [], shortSides: ClosedRange<Int> = 0...Int.max) {
    self.patterns = patterns
    self.shortSides = shortSides
  }

  /// Why layers are left out.
  public static let reasons = [
    "not among the layers that were asked for",
    "its shorter side is not in the range that was asked for",
  ]

  /// Why a layer is left out; nil where it is taken.
  public func reason(against layer: SpectralLayer) -> String? {
    let names = [layer.name, layer.type] + layer.tensors
    if !patterns.isEmpty,
      !patterns.contains(where: { pattern in names.contains { fits($0, pattern) } })
    {
      return Self.reasons[0]
    }
    if !shortSides.contains(layer.shortSide) {
      return Self.reasons[1]
    }
    return nil
  }

  private func fits(_ name: String, _ pattern: String) -> Bool {
    fnmatch(pattern, name, 0) == 0
  }

  /// Splits layers in those that are taken and those that are not, with the reason.
  func split(_ layers: [SpectralLayer]) -> (taken: [SpectralLayer], left: [Catalog.Skipped]) {
    var taken: [SpectralLayer] = []
    var left: [Catalog.Skipped] = []
    for layer in layers {
      if let reason = reason(against: layer) {
        left.append(Catalog.Skipped(name: layer.name, reason: reason))
      } else {
        taken.append(layer)
      }
    }
    return (taken, left)
  }
}
