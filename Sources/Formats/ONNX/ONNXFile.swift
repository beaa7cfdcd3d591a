package import Archives
package import Support

/// An ONNX model: its initializers, with those that are kept in files of their own, and the constants
/// of nodes that a weight's place reads.
///
/// Tensor data are skipped over, but for constants of a few elements, and nothing of the graph is run.
///
/// Specification: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
package enum ONNXFile {
  /// Whether the first bytes look like a model: `ir_version`, a small number, then a field that
  /// follows it there.
  package static func isLikely(_ start: [UInt8]) -> Bool {
    guard start.count > 4, start[0] == 0x08, (1...64).contains(start[1]) else { return false }
    // producer_name, producer_version, domain, model_version, doc_string, graph, opset_import.
    return [0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42].contains(start[2])
  }

  /// Reads the structure of a model.
  ///
  /// - Throws: `Diagnostic` of code `badData`, inside of the tensor where there is one.
  package static func parse(_ file: OpenFile) throws -> ParsedFile {
    var reader = ONNXReader(file)
    var cursor = FileCursor(file)
    var graphs = 0
    var version: UInt64 = 0
    while let field = try cursor.nextField() {
      switch field.number {
      case 1: version = field.varint ?? 0
      case 2: reader.producer[0] = try field.text()
      case 3: reader.producer[1] = try field.text()
      case 7:
        graphs += 1
        try reader.read(graph: try field.message())
      case 8: try reader.read(operations: try field.message())
      case 14: try reader.read(metadata: try field.message())
      case 20: reader.skip("training_info", "what a training needs is not read")
      case 25: try reader.read(function: try field.message())
      default: break
      }
    }
    guard graphs == 1, version > 0 else {
      throw damaged("this is no ONNX model: it has \(graphs) graphs, and the version \(version)")
    }
    return try reader.finish()
  }

  package static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(.badData, what, remedy: "the file is damaged: copy or download it again")
  }
}
