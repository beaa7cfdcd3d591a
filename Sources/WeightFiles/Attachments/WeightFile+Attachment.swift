import Foundation
import WorkbenchCore

extension WeightFile {
  /// The largest attachment that is read.
  private static let maximalByteCount = 4 << 30

  /// The bytes that this tool keeps with the model: in the file, or, where its container has no place
  /// for them, in a file beside it. Nil where there are none.
  ///
  /// - Throws: `Diagnostic` of code `badData` where they are damaged.
  public func attachment() throws -> [UInt8]? {
    switch catalog.attachment {
    case .tensor(let entry):
      guard entry.elementType == .uint8, entry.shape.count == 1 else { throw damaged }
      return try readBytes(entry)
    case .text(let text):
      guard let data = Data(base64Encoded: text) else { throw damaged }
      return Array(data)
    case .letters(let range):
      guard let content = parts.first, let bytes = try content.base64Bytes(range) else {
        throw damaged
      }
      return bytes
    case nil: return try sidecar()
    }
  }

  private var damaged: Diagnostic {
    Diagnostic(
      .badData, "what wsl keeps with the model is damaged", at: [catalog.file],
      remedy: "take another copy of the file")
  }

  private func sidecar() throws -> [UInt8]? {
    guard WeightFile.keepsAttachmentBeside(catalog.format) else { return nil }
    let path = WeightFile.sidecarPath(of: catalog.file)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file = try OpenFile(reading: path)
    guard file.byteCount <= WeightFile.maximalByteCount else { throw damaged }
    return try file.bytes(at: 0, count: file.byteCount)
  }

  /// Where the attachment of a model lies whose container has no place for it.
  public static func sidecarPath(of path: String) -> String { path + ".rws" }

  /// Whether models of a format have their attachment in a file beside them.
  public static func keepsAttachmentBeside(_ format: Catalog.Format) -> Bool {
    switch format {
    case .hdf5, .keras, .safetensors: false
    case .pytorch, .numpy, .npz, .onnx, .gguf: true
    }
  }
}
