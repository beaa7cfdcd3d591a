public import WeightFiles

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
  var tensors: [Stored]
  /// How what is between the tensors is stored: compressed after the parent's.
  var rest: Stored
  /// How many bytes are between the tensors.
  var restByteCount: Int

  /// A run of the archive's bytes.
  struct Stored: Sendable, Codable {
    var offset: Int
    var count: Int
    /// The number of the form; nil where there is only one.
    var coding: TensorCoding?
  }

  /// How many bytes of the archive are its own.
  public var storedByteCount: Int { tensors.reduce(rest.count) { $0 + $1.count } }
}
