import Foundation
import LinearAlgebra

extension Rotations {
  /// How many eigenvalues of a rotation lie in each class of 15 degrees from 0 to 180; a reflection has one
  /// at 180. The symmetric part has their cosines as eigenvalues.
  ///
  /// - Complexity: one symmetric eigenvalue problem.
  static func angleClasses(_ rotation: Matrix<Double>) -> [Int] {
    let symmetric = Matrix(rows: rotation.rows, columns: rotation.columns) {
      (rotation[$0, $1] + rotation[$1, $0]) / 2
    }
    guard let cosines = try? SymmetricEigenvectors(symmetric).values else { return [] }
    var classes = Array(repeating: 0, count: 12)
    for cosine in cosines {
      let degrees = acos(min(1, max(-1, cosine))) * 180 / .pi
      classes[min(11, Int(degrees / 15))] += 1
    }
    return classes
  }
}
