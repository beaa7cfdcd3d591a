import CatalogWire
import Tensors

@testable import Archives
@testable import Catalogs
@testable import Datasets
@testable import Formats
@testable import Matching
@testable import ModelGraph
@testable import Support
@testable import WeightFiles

extension FuzzTarget {
  /// Runs the parser, whose `Diagnostic`s are the caller's to expect.
  func parse(_ bytes: [UInt8]) throws {
    switch self {
    case .safetensors:
      let parsed = try SafeTensorsFile.parse(scratch(bytes, "x.safetensors"))
      do { try readAttachment(parsed) } catch is Diagnostic {}
      try readGraph(parsed)
    case .pickle: try parsePickle(bytes)
    case .pytorch: try parseFile(bytes, "x.pt")
    case .zip: try parseZip(bytes)
    case .numpy:
      let file = try scratch(bytes, "x.npy")
      if bytes.starts(with: [0x50, 0x4B]) {
        try read(NumPyFile.parse(ZipArchive(file), file))
      } else {
        try read(NumPyFile.parse(file))
      }
    case .onnx: try readGraph(ONNXFile.parse(scratch(bytes, "x.onnx")))
    case .gguf: try read(GGUFFile.parse(scratch(bytes, "x.gguf")))
    case .blocks: try dequantise(bytes)
    case .file: try parseFile(bytes, "x")
    case .json:
      let strict = Result { try StrictJSON(parsing: bytes) }
      _ = try JSONValue(parsing: bytes)
      _ = try strict.get()
    case .chunk: try decodeChunk(bytes)
    case .inflate: try inflateBlocks(bytes)
    case .compressed:
      let limits = CompressedFile.Limits(byteCount: 1 << 20, trustedByteCount: 1 << 20)
      if let file = try CompressedFile.inflated(scratch(bytes, "x.gz"), limits: limits) {
        _ = try file.bytes(at: 0, count: file.byteCount)
      }
    case .wire: try parseAnswer(bytes)
    case .keras:
      _ = try ModelGraph(Self.catalog(configuration: bytes)).permutationGroups()
    case .graph:
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      _ = try GraphFileImporter.graph(text: text, Self.catalog()).permutationGroups()
    case .dataset: try parseDataset(bytes)
    case .permutation: _ = try PermutationDocument(parsing: bytes)
    case .signature: try parseSignature(bytes)
    case .patch: try parsePatch(bytes)
    case .packed: try parsePacked(bytes)
    case .shard: try parseShard(bytes)
    case .storage: try parseStorage(bytes)
    case .spec: try parseSpec(bytes)
    case .table: try parseTable(bytes)
    }
  }

  // MARK: Files

  /// A file in memory. Its folder does not exist, so that nothing beside it is found.
  func scratch(_ bytes: [UInt8], _ name: String) throws -> OpenFile {
    let file = try ScratchFile.make("fuzz")
    try bytes.withUnsafeBytes { try writeFully($0, to: file.descriptor, at: 0) }
    return try OpenFile(owning: duplicate(file.descriptor), path: "/nowhere/of/fuzz/" + name)
  }

  private func parseFile(_ bytes: [UInt8], _ name: String) throws {
    if case .parsed(let parsed) = try Container.open(scratch(bytes, name)) { try read(parsed) }
  }

  private func parsePickle(_ bytes: [UInt8]) throws {
    var machine = PickleMachine()
    var input = PickleInput(bytes)
    let root = try machine.read(&input)
    do {
      var metadata = try DistributedMetadata(machine, root: root)
      let nested = metadata.nestedTensors()
      for found in try StateDictionaryWalk(metadata.machine, root: nested).tensors {
        _ = try metadata.tensor(found.tensor.storage.key)
      }
    } catch is Diagnostic {}
    do {
      _ = try StateDictionaryWalk(machine, root: root, selection: "model.0")
    } catch is Diagnostic {}
    try read(
      PyTorchFile.parsed(
        machine, root: root, storages: ["0": .init(offset: 0, byteCount: 16)],
        file: scratch([UInt8](0..<16), "x.pt"), isBigEndian: false, container: "zip"))
  }

  private func parseZip(_ bytes: [UInt8]) throws {
    let file = try scratch(bytes, "x.zip")
    let archive = try ZipArchive(file)
    for entry in archive.entries {
      do {
        _ = try archive.contents(of: entry, in: file, limit: Self.elementByteLimit)
      } catch is Diagnostic {}
    }
  }

  /// Reads what a parser found, and takes its names or nodes for a graph.
  private func readGraph(_ parsed: ParsedFile) throws {
    try read(parsed)
    _ = try ModelGraph(parsed.catalog).permutationGroups()
  }

  /// Reads the elements of what a parser found, as numbers and as bytes.
  func read(_ parsed: ParsedFile) throws {
    guard let first = parsed.parts.first else { return }
    let file = WeightFile(parsed, file: first)
    var left = 16  // tensors, so that no input takes long
    for entry in file.catalog.tensors where left > 0 {
      // A block may be larger than the tensor that it is of, and is decoded whole.
      var block = entry.shape
      if case .chunked(let chunkShape, _) = entry.layout { block = chunkShape }
      guard let count = checkedProduct(entry.shape + [8]), count <= Self.elementByteLimit,
        let decoded = checkedProduct(block + [8]), decoded <= Self.elementByteLimit
      else { continue }
      left -= 1
      do {
        let tensor = try file.read(entry, jobs: 1)
        let stored = try file.readBytes(entry, jobs: 1)
        precondition(tensor.values.count == entry.elementCount, "as many as the shape says")
        precondition(stored.count == entry.byteCount, "as many as the shape says")
      } catch is Diagnostic {}
    }
  }

  private func parseDataset(_ bytes: [UInt8]) throws {
    if bytes.starts(with: [0x89, 0x50]) || bytes.starts(with: [0xFF, 0xD8]) {
      let header = try ImageFile.header(bytes)
      // A small file may state an image of any size.
      guard header.width * header.height <= 1 << 16 else { return }
      let size = header.width * header.height * 3
      return _ = try ImageFile.pixels(bytes, channels: 3, size: size)
    }
    if bytes.first == 0x80 {
      return _ = try PickledArrays(scratch(bytes, "x.pkl"))
    }
    if let first = bytes.first, first >= 0x20, !bytes.starts(with: [0x50, 0x4B]) {
      return _ = try CSVFile(bytes).dataset()
    }
    guard bytes.starts(with: [0x50, 0x4B]) else {
      let array = try IDXFile.read(bytes)
      _ = try array.pixels()
      return _ = try array.answers()
    }
    // Archives of arrays are read as those of weights are.
    let file = try scratch(bytes, "x.npz")
    try read(NumPyFile.parse(ZipArchive(file), file))
  }

  // MARK: Graphs

  private func parseAnswer(_ bytes: [UInt8]) throws {
    let records: [CatalogRecord]
    do { records = try CatalogRecord.decode(answer: bytes[...]) } catch is WireError { return }
    let file = try scratch(bytes, "x.h5")
    let catalog = CatalogBuilder.build(
      records, path: file.path, fileByteCount: file.byteCount,
      window: FileWindow(offset: 0, byteCount: file.byteCount), format: .hdf5)
    // Blocks whose filters only libhdf5 knows would ask for a worker.
    var parsed = try ParsedFile(.hdf5, file, tensors: [])
    parsed.catalog.tensors = catalog.tensors.filter {
      TensorReader(file: file, entry: $0).isDecodable
    }
    try read(parsed)
    _ = try ModelGraph(catalog).permutationGroups()
  }

  /// A catalogue with the tensors of some small networks, under a configuration of Keras's.
  static func catalog(configuration: [UInt8]? = nil) -> Catalog {
    var tensors: [TensorEntry] = []
    let shapes: [(String, [Int])] = [
      ("conv/kernel", [3, 3, 3, 4]), ("conv/bias", [4]), ("norm/gamma", [4]), ("norm/beta", [4]),
      ("norm/moving_mean", [4]), ("norm/moving_variance", [4]), ("dense/kernel", [4, 3]),
      ("dense/bias", [3]), ("lstm/kernel", [4, 12]), ("lstm/recurrent_kernel", [3, 12]),
      ("lstm/bias", [12]), ("embedding/embeddings", [10, 4]),
    ]
    for (name, shape) in shapes {
      for full in ["model_weights/\(name.prefix { $0 != "/" })/\(name):0", name] {
        tensors.append(
          TensorEntry(name: full, shape: shape, elementType: .float32, layout: .unallocated))
      }
    }
    let text = configuration.map { String(decoding: $0, as: UTF8.self) }
    return Catalog(
      file: "x.h5", format: .hdf5, byteCount: 0, tensors: tensors,
      attributes: text.map { ["": ["model_config": .string($0)]] } ?? [:])
  }
}
