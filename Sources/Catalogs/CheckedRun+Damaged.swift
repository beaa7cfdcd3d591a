package import Support

extension TensorEntry.CheckedRun {
  /// The error where a checksum is another one.
  package static var damaged: Diagnostic {
    Diagnostic(
      .badData, "its checksum does not fit its data", remedy: "the file is damaged: copy it again")
  }
}
