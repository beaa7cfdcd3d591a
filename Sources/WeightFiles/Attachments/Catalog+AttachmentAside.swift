import Catalogs
import Formats

extension Catalog {
  /// Takes the attachment out of what the file offers as its own.
  mutating func setAttachmentAside() {
    if format == .onnx {
      attributes[""]?[AttachmentMark.metadataKey] = nil
      if attributes[""]?.isEmpty == true { attributes[""] = nil }
    }
    if format == .safetensors, case .string(let text) = attributes[""]?[Attachment.key] {
      attachment = attachment ?? .text(text)
      attributes[""]?[Attachment.key] = nil
      if attributes[""]?.isEmpty == true { attributes[""] = nil }
    }
    guard format == .hdf5 || format == .keras,
      let index = tensors.firstIndex(where: { $0.name == Attachment.dataset })
    else { return }
    attachment = .tensor(tensors.remove(at: index))
    groups.removeAll { $0 + "/" == Attachment.group }
  }
}
