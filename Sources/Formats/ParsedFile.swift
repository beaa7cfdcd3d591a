package import Archives
package import Catalogs
import Support

/// What a parser in this process made of a file: the catalogue, and the files that its offsets count
/// in.
package struct ParsedFile: Sendable {
  /// The catalogue. Its paths are filled in when the file is opened.
  package var catalog: Catalog
  /// The files, as `TensorEntry.part` counts them; the first is the file itself, or what was
  /// inflated from it.
  package var parts: [OpenFile]

  /// Takes a catalogue whose tensors have been checked to lie in their parts.
  ///
  /// - Throws: `Diagnostic` of code `badData`, inside of the tensor that does not.
  package init(_ catalog: Catalog, parts: [OpenFile]) throws {
    // The bytes of a tensor that is not read, too.
    for entry in catalog.tensors + catalog.skipped.compactMap({ $0.tensor?.content }) {
      do {
        guard parts.indices.contains(entry.part) else {
          throw Diagnostic(.badData, "it lies in a file that is not there")
        }
        try entry.check(partByteCount: parts[entry.part].byteCount)
      } catch let error as Diagnostic {
        throw error.inside(entry.name)
      }
    }
    self.catalog = catalog
    self.parts = parts
    self.catalog.parts = parts.map(\.path)
    self.catalog.byteCount = parts.reduce(0) { $0 + $1.byteCount }
  }

  /// The same for a format of one file.
  package init(
    _ format: Catalog.Format, _ file: OpenFile, tensors: [TensorEntry],
    attributes: [String: Catalog.Attribute] = [:], skipped: [Catalog.Skipped] = []
  ) throws {
    try self.init(
      Catalog(
        file: file.path, format: format, byteCount: file.byteCount, tensors: tensors,
        attributes: attributes.isEmpty ? [:] : ["": attributes], skipped: skipped),
      parts: [file])
  }

  /// The same with the tensors of one part of the model alone.
  package func selecting(_ name: String?) throws -> ParsedFile {
    guard let name else { return self }
    var result = self
    _ = try result.catalog.select(name)
    return result
  }
}
