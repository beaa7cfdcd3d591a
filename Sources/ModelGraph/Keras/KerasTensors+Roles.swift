import Catalogs
import Support
import Tensors

/// A tensor that a layer must have.
struct ExpectedTensor {
  var role: Parameter.Role
  var axes: [Parameter.Axis]
  /// Its names in the versions of Keras; of the ones of Keras 1 the end (`dense_1_W`).
  var names: [String]

  init(_ role: Parameter.Role, _ axes: [Parameter.Axis], _ names: String...) {
    self.role = role
    self.axes = axes
    self.names = names
  }

  fileprivate func isCalled(_ variable: String) -> Bool {
    names.contains { $0 == variable }
      || names.contains { Self.shortNames.contains($0) && variable.hasSuffix("_" + $0) }
  }

  private static let shortNames: Set<String> = [
    "W", "b", "gamma", "beta", "running_mean", "running_std",
  ]
}

extension KerasTensors {
  /// The tensors of a layer in their roles: by name where the file names them, else by position.
  ///
  /// - Throws: `Diagnostic` of code `badData` that names the tensor that is missing or does not fit.
  func parameters(_ expected: [ExpectedTensor], at path: KerasPath) throws -> [Parameter] {
    let found = candidates(at: path)
    let byName = expected.map { wanted in found.filter { wanted.isCalled($0.variable) } }
    let chosen: [Candidate]
    if byName.allSatisfy({ $0.count == 1 }) {
      chosen = byName.flatMap { $0 }
    } else if found.count == expected.count {
      chosen = found
    } else {
      let missing = zip(expected, byName).first { $0.1.isEmpty }?.0 ?? expected.first
      guard let missing else {
        throw Diagnostic(.badData, "the file has \(found.count) tensors for a layer without any")
      }
      throw Diagnostic(
        .badData,
        "the file has \(found.count) tensors for this layer instead of \(expected.count): its "
          + "\(missing.role.rawValue) is missing or is not the only one")
    }
    return try zip(expected, chosen).map { wanted, candidate in
      let entry = candidate.entry
      guard entry.shape.count == wanted.axes.count else {
        throw Diagnostic(
          .badData,
          "the tensor \(entry.name) is \(describe(entry.shape)), and a \(wanted.role.rawValue) "
            + "here has \(wanted.axes.count) axes")
      }
      guard entry.elementType.isFloatingPoint else {
        throw Diagnostic(
          .badData,
          "the tensor \(entry.name) holds \(entry.elementType.rawValue) elements; "
            + "quantised layers are not understood")
      }
      return Parameter(
        role: wanted.role, tensor: entry.name, shape: entry.shape, axes: wanted.axes)
    }
  }
}
