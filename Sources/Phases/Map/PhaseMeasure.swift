import Foundation

/// What is measured of the models of a cell.
public enum PhaseMeasure: String, Sendable, Hashable, CaseIterable {
  /// The train loss.
  case trainLoss
  /// The largest eigenvalue of the Hessian of the train loss.
  case hessianTopEigenvalue
  /// The trace of the Hessian.
  case hessianTrace
  /// Mode connectivity, ½(err₀ + err₁) − err(t*): negative where a barrier parts models.
  case connectivity
  /// The similarity of the answers of models (CKA), from 0 to 1.
  case similarity
  /// The test accuracy.
  case testAccuracy

  /// The measures that decide the phase.
  public static let deciding: [PhaseMeasure] = [.trainLoss, .connectivity, .similarity]

  /// In words.
  public var title: String {
    switch self {
    case .trainLoss: "train loss"
    case .hessianTopEigenvalue: "top eigenvalue of the Hessian"
    case .hessianTrace: "trace of the Hessian"
    case .connectivity: "connectivity"
    case .similarity: "similarity"
    case .testAccuracy: "test accuracy"
    }
  }
}

/// The scales on which measures are compared: losses and curvatures spread over orders of magnitude,
/// barriers too, but with a sign.
struct MeasureScale: Sendable {
  /// What a barrier of one point of accuracy is in the units of the connectivity: 1 for per cent, 0.01
  /// for shares.
  var point: Double

  /// A value on its scale; not a number where it has no place there, such as a loss of 0.
  func value(_ value: Double, of measure: PhaseMeasure) -> Double {
    switch measure {
    case .trainLoss, .hessianTopEigenvalue, .hessianTrace: value > 0 ? log(value) : .nan
    case .connectivity: asinh(value / point)
    case .similarity, .testAccuracy: value
    }
  }

  /// The value at a place of the scale.
  func inverse(_ place: Double, of measure: PhaseMeasure) -> Double {
    switch measure {
    case .trainLoss, .hessianTopEigenvalue, .hessianTrace: exp(place)
    case .connectivity: sinh(place) * point
    case .similarity, .testAccuracy: place
    }
  }
}
