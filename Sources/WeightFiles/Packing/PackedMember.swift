/// One model of a packed zoo.
public struct PackedMember: Sendable, Codable {
  /// Its path, from where the zoo was packed.
  public var name: String
  /// The hash of its file.
  public var sha256: String
  /// The member before it that it is stored as differences from; nil for none.
  public var parent: Int?
  /// The file, taken apart.
  public var pieces: FilePieces
  /// How each tensor is stored.
  package var tensors: [Stored]
  /// How what is between the tensors is stored: compressed after the parent's.
  package var rest: Stored
  /// How many bytes are between the tensors.
  package var restByteCount: Int

  /// A run of the archive's bytes.
  package struct Stored: Sendable, Codable {
    package var offset: Int
    package var count: Int
    /// The number of the form; nil where there is only one.
    package var coding: TensorCoding?

    /// Describes a run.
    package init(offset: Int, count: Int, coding: TensorCoding?) {
      self.offset = offset
      self.count = count
      self.coding = coding
    }
  }

  /// Describes a member.
  package init(
    name: String, sha256: String, parent: Int?, pieces: FilePieces, tensors: [Stored],
    rest: Stored, restByteCount: Int
  ) {
    self.name = name
    self.sha256 = sha256
    self.parent = parent
    self.pieces = pieces
    self.tensors = tensors
    self.rest = rest
    self.restByteCount = restByteCount
  }

  /// How many bytes of the archive are its own.
  public var storedByteCount: Int { tensors.reduce(rest.count) { $0 + $1.count } }
}
