import Foundation

/// The shares of two vectors at a place on the arc between them.
enum ArcFactors {
  /// `sin((1 − t)·φ)/sin φ` and `sin(t·φ)/sin φ` for the angle φ between the vectors; `1 − t` and `t`
  /// where there is no arc: where a vector is zero, or both point the same or opposite ways.
  ///
  /// - Parameters:
  ///   - place: t.
  ///   - cosine: of the angle; nil where a vector is zero.
  ///   - largest: above which magnitude of the cosine there is no arc.
  static func factors(at place: Double, cosine: Double?, largest: Double) -> [Double] {
    guard let cosine, cosine.magnitude <= largest else { return [1 - place, place] }
    let angle = acos(cosine)
    let sine = sin(angle)
    return [sin((1 - place) * angle) / sine, sin(place * angle) / sine]
  }
}
