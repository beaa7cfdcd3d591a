import Archives
import Catalogs
import Support

extension ModelContents {
  /// Writes the model as a copy of the `.keras` archive that it comes from, with its weights anew.
  ///
  /// - Parameters:
  ///   - inputs: the files that the model comes from.
  ///   - weights: an empty file for the weights on their way.
  ///   - writer: how these are written.
  ///   - descriptor: an empty file.
  /// - Throws: `Diagnostic` of code `usage` where none of the inputs is such an archive.
  func writeKeras(
    like inputs: [WeightFile], weights: Int32, _ writer: HDF5Writer, to descriptor: Int32
  ) throws {
    guard let archive = inputs.first(where: { $0.catalog.format == .keras }),
      try !CompressedFile.isCompressed(archive.file)
    else {
      throw Diagnostic(
        .usage,
        "only a .keras file is written as .keras: the model's configuration comes from there",
        remedy: "end the name in .h5, .safetensors or .npz")
    }
    var contents = self
    // They are members of the archive, which stay.
    contents.documents = [:]
    try writer.write(contents, to: weights)
    try KerasArchive.rewrite(archive.file, weights: weights, to: descriptor)
  }
}
