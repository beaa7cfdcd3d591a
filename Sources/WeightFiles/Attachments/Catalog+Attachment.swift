import Catalogs
import Formats

extension Catalog {
  /// Bytes that this tool keeps in a weight file beside the model, out of the way of every loader:
  /// a data set in a group of its own in HDF5, a text of the metadata in safetensors.
  public enum Attachment: Sendable, Hashable {
    /// A list of bytes among the tensors.
    case tensor(TensorEntry)
    /// A text in base 64.
    case text(String)
    /// The same as a run of letters of the first part: from where, and how many.
    case letters(Range<Int>)

    /// The group of HDF5, with its slash.
    static let group = "wsl_patch/"
    /// The data set in it.
    static let dataset = "wsl_patch/record"
    /// The entry of the metadata of safetensors.
    static let key = "wsl_patch"
  }

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
