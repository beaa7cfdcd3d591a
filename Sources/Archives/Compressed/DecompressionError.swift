package import Support

/// What a decoder throws of damaged bytes, without a location: the caller knows the file.
package enum DecompressionError {
  package static let damaged = Diagnostic(
    .badData, "its compressed data are damaged", remedy: "copy the file again")

  package static func wrongSize(_ count: Int, _ expected: Int) -> Diagnostic {
    Diagnostic(
      .badData, "it decompresses to \(count) of \(expected) bytes",
      remedy: "the file is damaged: copy it again")
  }
}
