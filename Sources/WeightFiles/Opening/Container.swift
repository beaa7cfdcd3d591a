import Archives
import Catalogs
import Formats
import Support

/// What a file is, and what was learnt of it before anything else is asked.
enum Container {
  /// An HDF5 file, itself or in an archive: the isolated worker reads its catalogue.
  case hdf5(HDF5Place)
  /// A format that is parsed in this process.
  case parsed(ParsedFile)
  /// The index of a model whose weights Keras split into HDF5 files.
  case kerasShards(KerasShards)
  /// An archive that holds files, of which some may be weight files.
  case archive(ModelArchive.Content)

  /// Where an HDF5 file lies.
  struct HDF5Place {
    /// The kind of container.
    var format: Catalog.Format
    /// The file that holds the HDF5 file.
    var content: OpenFile
    /// Where it lies in it.
    var window: FileWindow
    /// Documents beside it.
    var documents: [String: [UInt8]] = [:]
  }

  /// Finds out what a file is.
  ///
  /// - Parameter selection: the name of a part of a model that is wanted alone.
  /// - Throws: `Diagnostic`, without a location: `badData` where it is nothing that is read,
  ///   `noInput` where there is no such part.
  static func open(_ file: OpenFile, selection: String? = nil) throws -> Container {
    try openPlain(
      try CompressedFile.inflated(file, onDisk: WeightFileName.isArchive(file.path)) ?? file,
      selection)
  }

  private static func openPlain(_ file: OpenFile, _ selection: String?) throws -> Container {
    guard file.byteCount > 0 else {
      throw Diagnostic(.badData, "the file is empty", remedy: "copy or download it again")
    }
    if DistributedCheckpoint.isMetadata(file) {
      return .parsed(try DistributedCheckpoint.parse(file, selection: selection))
    }
    if file.path.hasSuffix(DistributedCheckpoint.pieceEnding) {
      throw DistributedCheckpoint.needsFolder
    }
    if let parsed = try PyTorchFile.openStream(file, selection: selection) {
      return .parsed(parsed)
    }
    switch try FileSignature.of(file) {
    case .hdf5(let offset):
      let window = FileWindow(offset: offset, byteCount: file.byteCount - offset)
      try Superblock.check(file, window: window)
      return .hdf5(HDF5Place(format: .hdf5, content: file, window: window))
    case .zip: return try archive(ZipArchive(file), file, selection)
    case .tar:
      let archive = try TarArchive(file)
      return PyTorchFile.isTar(archive)
        ? .parsed(try PyTorchFile.openTar(archive, file, selection: selection))
        : .archive(.tar(file, archive))
    case .safetensors: return .parsed(try SafeTensorsFile.parse(file).selecting(selection))
    case .numpy: return .parsed(try NumPyFile.parse(file).selecting(selection))
    case .gguf: return .parsed(try GGUFFile.parse(file).selecting(selection))
    case .onnx: return .parsed(try ONNXFile.parse(file).selecting(selection))
    case .shardIndex:
      if let shards = try KerasShards(file) { return .kerasShards(shards) }
      return .parsed(try ShardIndex.parse(file).selecting(selection))
    case .known(let name):
      throw Diagnostic(.badData, "this is \(name), which is not read yet")
    case .unknown:
      let appearance = FileSignature.appearance(of: try file.bytes(at: 0, count: 24))
      throw Diagnostic(
        .badData, "this is no weight file: \(appearance)",
        remedy: WeightFile.remedy)
    }
  }

  /// Finds out what a zip archive is, by the names of its members.
  private static func archive(
    _ archive: ZipArchive, _ file: OpenFile, _ selection: String?
  ) throws -> Container {
    if ExportedProgram.isArchive(archive) {
      return .parsed(try ExportedProgram.open(archive, in: file, selection: selection))
    }
    if let pickle = PyTorchFile.pickle(of: archive) {
      return .parsed(
        try PyTorchFile.open(archive, pickle: pickle, in: file, selection: selection))
    }
    if archive.entry(named: KerasArchive.weights) != nil {
      return .hdf5(try KerasArchive.open(archive, file))
    }
    if NumPyFile.isArchive(archive, file) {
      return .parsed(try NumPyFile.parse(archive, file).selecting(selection))
    }
    let name = KerasArchive.name(of: archive)
    guard name.isEmpty else { throw Diagnostic(.badData, "this is \(name), which is not read yet") }
    return .archive(.zip(file, archive))
  }
}
