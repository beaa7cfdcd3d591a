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
    package static let group = "wsl_patch/"
    /// The data set in it.
    package static let dataset = "wsl_patch/record"
    /// The entry of the metadata of safetensors.
    package static let key = "wsl_patch"
  }
}
