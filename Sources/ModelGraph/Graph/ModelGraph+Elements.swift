import Catalogs
import Support
import Tensors

extension ModelGraph {
  /// Refuses layers whose weights are whole numbers: packed or quantised ones mean what other tensors
  /// say. Moved without those, averaged or run as they are, they would compute something else.
  ///
  /// - Throws: `Diagnostic` of code `badData`, with the tensor's name.
  func checkElements(in catalog: Catalog) throws {
    let types = Dictionary(
      catalog.tensors.map { ($0.name, $0.elementType) }, uniquingKeysWith: { first, _ in first })
    for parameter in parameters {
      guard
        let type = types[parameter.tensor] ?? catalog.tensor(named: parameter.tensor)?.elementType,
        !type.isFloatingPoint
      else { continue }
      throw Diagnostic(
        .badData,
        "its elements are \(type.rawValue): quantised weights are neither moved nor averaged nor run",
        at: [parameter.tensor], remedy: "use the model as it was before it was quantised")
    }
  }
}

extension TensorRole {
  /// Why a tensor of this role is left where it is.
  var reason: String { rawValue + ", not permuted" }
}
