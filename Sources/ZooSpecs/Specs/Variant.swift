import Specs
import Support

/// One model of a spec, before its fields are read: the spec with everything that varies set.
package struct Variant {
  /// A field given a value, and where the field was named.
  package struct Setting {
    var path: [String]
    var value: SpecNode
    var place: SpecNode
  }

  /// The name of the model.
  var name: String
  /// The members `data`, `model` and `training`.
  var spec: SpecNode
  /// The name of the model that it starts from.
  var parent: String?
  /// How many models come before it.
  var generation = 0
  /// The part of the name that the axes gave.
  var suffix = ""
  /// What the axes set, in order.
  var settings: [Setting] = []
  /// The fields that an axis of the whole spec does not change.
  var fixed: [[String]] = []

  /// The variant with one point of an axis put in place.
  func at(_ point: SearchAxis.Point) throws -> Variant {
    var result = self
    result.name += point.suffix
    result.suffix += point.suffix
    result.settings += point.settings
    for setting in point.settings where !isFixed(setting.path) {
      result.spec = try result.spec.setting(setting.path, to: setting.value)
    }
    return result
  }

  private func isFixed(_ path: [String]) -> Bool {
    fixed.contains { $0.starts(with: path) || path.starts(with: $0) }
  }
}

extension [Variant] {
  /// Every variant at every point of every axis, the last axis varying fastest.
  func multiplied(by axes: [SearchAxis]) throws -> [Variant] {
    var result = self
    for axis in axes {
      guard result.count * axis.points.count <= ZooSpec.modelLimit else {
        throw axis.place.error("the spec describes more than \(ZooSpec.modelLimit) models")
      }
      result = try result.flatMap { variant in try axis.points.map(variant.at) }
    }
    return result
  }
}
