import Support

/// The signatures that are in a patched model, and what is needed to take them out again.
public struct PatchStack: Sendable {
  /// A signature in the stack.
  public struct Entry: Sendable {
    /// The signature; of an aligned one, its codes are in the model's arrangement.
    public var signature: Signature
    /// How strongly it is applied.
    public var alpha: Double
    /// The names of its tensors in the model.
    public var tensors: [String]
    /// Whether its units were lined up with the model's.
    public var isAligned: Bool

    /// Makes an entry.
    public init(signature: Signature, alpha: Double, tensors: [String], isAligned: Bool = false) {
      self.signature = signature
      self.alpha = alpha
      self.tensors = tensors
      self.isAligned = isAligned
    }

    /// The name under which it is taken out.
    public var name: String { signature.name }
  }

  /// A tensor that is patched.
  public struct Tensor: Sendable {
    /// Its name in the model.
    public var name: String
    /// The SHA-256 of its elements before any patch.
    public var original: String
    /// The XXH3 checksum of its elements as they are now. It tells early, and by name, what was
    /// changed in between; that all bits came back is what `original` proves.
    public var patched: String
    /// The residues that give its elements back, as `UndoRecord` codes them.
    var undo: [UInt8]
  }

  /// The signatures, by name: the order in which they are added up, whatever the order in which they
  /// came.
  public var entries: [Entry]
  /// The patched tensors, by name.
  public var tensors: [Tensor]
  /// What patched.
  public var tool: String

  /// The entry of a name.
  public func entry(named name: String) -> Entry? { entries.first { $0.name == name } }

  /// The size of the record that gives the original back, in bytes, without the signatures.
  public var undoByteCount: Int { tensors.reduce(0) { $0 + $1.undo.count } }
}
