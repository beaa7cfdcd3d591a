import Archives
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
      guard let content = recordPart, let bytes = try content.base64Bytes(range) else {
        throw damaged
      }
      return bytes
    case nil: return try sidecar()
    }
  }

  /// The file that holds it, or beside which it lies: of a model in several files, the first with tensors.
  var recordPart: OpenFile? { parts.first { !$0.isShardIndex } }

  private var damaged: Diagnostic {
    Diagnostic(
      .badData, "what is kept with the model is damaged", at: [catalog.file],
      remedy: "take another copy of the file")
  }

  private func sidecar() throws -> [UInt8]? {
    guard WeightFile.keepsAttachmentBeside(catalog.format), let content = recordPart else {
      return nil
    }
    // In a model's folder it lies beside the file that it belongs to.
    let isInFolder = ModelFolder.isFolder(catalog.file) || file.isShardIndex
    let model = isInFolder ? content.path : catalog.file
    let path = WeightFile.sidecarPath(of: model)
    guard let mark = try AttachmentMark(in: content) else {
      // Of a model that earlier versions patched. What belongs to marked models is none of this one.
      let record = try Sidecar(path)
      return record?.isMarked == false ? record?.attachment : nil
    }
    // Where links lead, too, and what was not yet given its name when the process was ended.
    let target = realpath(model, nil).map { resolved in
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

  /// Where the attachment of a copy lies whose container has no place for it: beside it, or in its folder.
  public func sidecarPath(ofCopyAt path: String) -> String {
    guard FolderCopy.isFolder(path), FolderCopy(of: self) != nil, let part = recordPart else {
      return WeightFile.sidecarPath(of: path)
    }
    let folder = path.hasSuffix("/") ? path : path + "/"
    return WeightFile.sidecarPath(of: folder + (part.path as NSString).lastPathComponent)
  }

  /// Whether models of a format have their attachment in a file beside them.
  public static func keepsAttachmentBeside(_ format: Catalog.Format) -> Bool {
    switch format {
    case .hdf5, .keras, .safetensors: false
    case .pytorch, .numpy, .npz, .onnx, .gguf: true
    }
  }
}

extension OpenFile {
  /// Whether it lists the files of a model, and holds no tensors.
  var isShardIndex: Bool { path.hasSuffix(".index.json") || path.hasSuffix(KerasShards.ending) }
}
