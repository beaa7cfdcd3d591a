public import Catalogs
import Formats
import Foundation
import Support
import Tensors

extension WeightFile {
  /// The bytes that this tool keeps with the model: in the file, or, where its container has no place
  /// for them, in a file beside it. Nil where there are none.
  ///
  /// - Throws: `Diagnostic`: `badData` where they are damaged, `noInput` where the file beside the model
  ///   is missing, or that of another one.
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
    guard WeightFile.keepsAttachmentBeside(catalog.format), let content = parts.first else {
      return nil
    }
    let path = WeightFile.sidecarPath(of: catalog.file)
    guard let mark = try AttachmentMark(in: content) else {
      // Of a model that earlier versions patched. What belongs to marked models is none of this one.
      let record = try Sidecar(path)
      return record?.isMarked == false ? record?.attachment : nil
    }
    // Where links lead, too, and what was not yet given its name when the process was ended.
    let target = realpath(catalog.file, nil).map { resolved in
      defer { free(resolved) }
      return WeightFile.sidecarPath(of: String(cString: resolved))
    }
    for path in [path, target].compactMap({ $0 }) {
      for candidate in [path, Sidecar.nextPath(of: path)] {
        guard let record = try Sidecar(candidate) else { continue }
        if AttachmentMark(of: record.attachment) == mark { return record.attachment }
      }
    }
    let name = (path as NSString).lastPathComponent
    throw Diagnostic(
      .noInput,
      "this model was patched, and \(name), which takes the patches off again, is not beside it",
      at: [catalog.file], remedy: "copy that file from where the model was, under this name")
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
