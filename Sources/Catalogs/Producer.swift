import Support

/// What wrote a file, as far as the file says so.
package enum Producer {
  /// `Keras 3.15.1 (jax)`, or nil.
  package static func name(of catalog: Catalog) -> String? {
    let metadata = catalog.documents["metadata.json"].flatMap { try? JSONValue(parsing: $0) }
    let version =
      metadata?["keras_version"]?.string ?? catalog.text("keras_version")
      ?? catalog.text("keras_version", of: "model_weights")
    guard let version else { return nil }
    let backend =
      catalog.text("backend") ?? catalog.text("backend", of: "model_weights")
    return "Keras \(version)" + (backend.map { " (\($0))" } ?? "")
  }
}
