import Support

/// Every parser of bytes that this process does not trust, as a function of these bytes.
///
/// `make fuzz` runs them under libFuzzer and AddressSanitizer; the normal suite runs the corpus of
/// each through the same functions. A parser passes when it returns or throws a `Diagnostic`:
/// nothing else, and no memory beyond `allocationLimit`.
enum FuzzTarget: String, CaseIterable, Sendable {
  /// The header of a safetensors file, and the elements.
  case safetensors
  /// The pickle machine alone, beside one storage of 16 bytes.
  case pickle
  /// PyTorch's containers: zip, legacy stream, tar.
  case pytorch
  /// The directory of a zip archive, and its members.
  case zip
  /// `.npy` and `.npz`.
  case numpy
  /// ONNX: initialisers and graph.
  case onnx
  /// GGUF.
  case gguf
  /// Quantised blocks of each type, read in ranges that cut them.
  case blocks
  /// Any file: signatures, superblocks, archives.
  case file
  /// The two parsers of JSON.
  case json
  /// A block of an HDF5 data set through its filters.
  case chunk
  /// The loop that inflates two blocks at once, judged by libdeflate.
  case inflate
  /// `.gz` and `.zst` files.
  case compressed
  /// What the worker that reads HDF5 answers.
  case wire
  /// A Keras configuration, to the groups of its graph.
  case keras
  /// A graph in YAML.
  case graph
  /// Arrays of examples: IDX and the archives of NumPy.
  case dataset
  /// A file of permutations.
  case permutation
  /// The manifest and the codes of a signature.
  case signature
  /// The record of a patched model.
  case patch
  /// The table of a packed zoo, and its members.
  case packed
  /// A shard of a scan: an SQLite file.
  case shard
  /// Where tensors lie, as an index keeps it.
  case storage
  /// The spec of a zoo.
  case spec
  /// Tables of labels, their JSON, patterns of paths.
  case table

  /// Runs the parser.
  ///
  /// - Throws: what the parser throws beside `Diagnostic`, which is a defect.
  func run(_ bytes: [UInt8]) throws {
    do { try parse(bytes) } catch is Diagnostic {}
  }

  /// How many bytes may be allocated at once, for an input of that many.
  ///
  /// A value of a parsed document takes up to 160 bytes, for one or two bytes of text; 4 MiB are
  /// buffers and tables of fixed size. zstd adds a window, which it bounds at 128 MiB. Elements are
  /// read where a tensor, and a block of it, declare at most `elementByteLimit`: reading takes what is
  /// declared, of which the catalogue believes 4 GiB, 256 MiB of a block, or a thousand times what is
  /// stored.
  func allocationLimit(of byteCount: Int) -> Int {
    let fixed = self == .compressed || self == .file ? 140 << 20 : 12 << 20
    return fixed + 512 * byteCount
  }

  /// The largest tensor whose elements are read.
  static let elementByteLimit = 1 << 20
}
