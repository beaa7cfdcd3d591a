public import Tensors

/// A catalogue whose tensors can be read: an open weight file, for those who need not know that it is one.
public protocol TensorStore: Sendable {
  /// What there is.
  var catalog: Catalog { get }

  /// Reads and decodes one tensor of the catalogue, to Float32.
  ///
  /// - Throws: `Diagnostic` of code `badData` where its data are damaged.
  func tensor(_ entry: TensorEntry) throws -> Tensor
}
