/// The files of this tool's own that hold tensors and are no networks.
extension Catalog {
  /// The attribute `format` of a packed zoo.
  package static let packedZooFormat = "wsl packed zoo"

  /// Whether the file is a packed zoo: many models in one HDF5 file.
  package var isPackedZoo: Bool { text("format") == Catalog.packedZooFormat }

  /// Whether the file is a robust weight signature.
  package var isSignature: Bool { text("format")?.hasPrefix("wsl-rws/") == true }
}
