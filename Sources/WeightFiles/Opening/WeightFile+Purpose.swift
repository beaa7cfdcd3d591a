import Archives
public import Support

extension WeightFile {
  /// What to do where a file is of another kind.
  static let remedy: Wording =
    "give a weight file (.h5, .keras, .safetensors, .npz, .onnx, .gguf, …)"
  /// The same where it is no file at all.
  static let shortRemedy = OpenFile.remedy

  /// Opens a file that this tool wrote in the container of a weight file, such as a signature.
  ///
  /// - Parameters:
  ///   - kind: what it is, for the error where the file is something else.
  ///   - remedy: how users come to one.
  /// - Throws: what `open` throws, in terms of that kind.
  public static func open(
    _ path: String, as kind: String, remedy: Wording
  ) async throws -> WeightFile {
    do { return try await open(path) } catch var error as Diagnostic {
      let advice = error.remedy
      guard let advice, advice == Self.remedy || "\(advice)".hasPrefix("\(shortRemedy)") else {
        throw error
      }
      error.message.replace("weight file", with: kind)
      error.remedy = remedy
      throw error
    }
  }
}
