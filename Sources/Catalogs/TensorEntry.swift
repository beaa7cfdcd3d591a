public import Tensors

/// What is known of one tensor without reading its data.
public struct TensorEntry: Sendable, Hashable {
  /// Where a tensor's bytes are.
  public enum Layout: Sendable, Hashable {
    /// One run of bytes at an offset from the start of the file.
    case contiguous(offset: Int)
    /// Elements apart from each other: the first at an offset in bytes, and for each axis how many
    /// elements its next index is away. Not negative; zero repeats an element.
    case strided(offset: Int, strides: [Int])
    /// Blocks, each stored and filtered on its own.
    case chunked(chunkShape: [Int], chunks: [Chunk])
    /// The bytes themselves, which the container keeps in a header.
    case inline([UInt8])
    /// No storage: every element has the fill value.
    case unallocated
    /// One run of blocks of numbers of few bits, which are Float32 once they are read.
    case quantised(QuantisedType, offset: Int)
    /// Bytes that were compressed as one run, and the place of the elements in the result.
    indirect case deflated(DeflatedRun, Layout)
    /// Elements whose negatives are stored: a view of PyTorch, which keeps the sign as a flag. Only
    /// around a layout that is none itself.
    indirect case negated(Layout)
  }

  /// A run of bytes compressed with raw deflate: a member of a zip archive.
  public struct DeflatedRun: Sendable, Hashable {
    /// Where the stored bytes begin in the file.
    public var offset: Int
    /// How many bytes are stored.
    public var storedByteCount: Int
    /// How many bytes they decompress to.
    public var byteCount: Int
    /// The CRC-32 of the decompressed bytes.
    public var checksum: UInt32

    /// Makes a run.
    public init(offset: Int, storedByteCount: Int, byteCount: Int, checksum: UInt32) {
      self.offset = offset
      self.storedByteCount = storedByteCount
      self.byteCount = byteCount
      self.checksum = checksum
    }
  }

  /// A run of bytes around the elements, of which the container has a checksum: a member of a zip
  /// archive that is stored as it is.
  public struct CheckedRun: Sendable, Hashable {
    /// Where it lies in the file.
    public var range: Range<Int>
    /// The CRC-32 of its bytes.
    public var checksum: UInt32

    /// Makes a run.
    public init(range: Range<Int>, checksum: UInt32) {
      self.range = range
      self.checksum = checksum
    }
  }

  /// One stored block of a chunked tensor.
  public struct Chunk: Sendable, Hashable {
    /// The index of the block's first element on each axis.
    public var origin: [Int]
    /// Where the stored bytes begin in the file.
    public var offset: Int
    /// How many bytes are stored, after the filters.
    public var byteCount: Int
    /// Bit i set: the filter i of the pipeline was not applied to this block.
    public var filterMask: UInt32

    /// Makes a block.
    public init(origin: [Int], offset: Int, byteCount: Int, filterMask: UInt32) {
      self.origin = origin
      self.offset = offset
      self.byteCount = byteCount
      self.filterMask = filterMask
    }
  }

  /// One step of the pipeline that stored blocks went through, in the order of writing.
  public struct Filter: Sendable, Hashable {
    /// The registered number: 1 deflate, 2 shuffle, 3 fletcher32, 32015 zstd, …
    public var id: Int
    /// The usual name where there is one, else the filter's as the file gives it.
    public var name: String
    /// The filter's parameters.
    public var parameters: [UInt32]

    /// What people call the registered filters whose own names are sentences, or differ by version.
    package static let usualNames = [
      32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32015: "zstd",
    ]

    /// Makes a filter.
    public init(id: Int, name: String, parameters: [UInt32]) {
      self.id = id
      self.name = name
      self.parameters = parameters
    }
  }

  /// The name in the file: an HDF5 path without the leading slash, a key of a state dict.
  public var name: String
  /// The lengths of the axes, slowest first. Empty for a scalar.
  public var shape: [Int]
  /// The type of the elements as they are read.
  public var elementType: ElementType
  /// Whether the elements are stored most significant byte first.
  public var isBigEndian: Bool
  /// In which of the catalogue's parts the bytes are.
  public var part: Int
  /// Where in it.
  public var layout: Layout
  /// The filters of a chunked tensor.
  public var filters: [Filter]
  /// The bytes of one fill element, as stored; empty means zeros.
  public var fillValue: [UInt8]
  /// What is verified before the first element is handed out, also where only ranges are read.
  public var checkedRun: CheckedRun?

  /// Makes an entry.
  public init(
    name: String, shape: [Int], elementType: ElementType, isBigEndian: Bool = false,
    layout: Layout, filters: [Filter] = [], fillValue: [UInt8] = [], part: Int = 0
  ) {
    self.part = part
    self.name = name
    self.shape = shape
    self.elementType = elementType
    self.isBigEndian = isBigEndian
    self.layout = layout
    self.filters = filters
    self.fillValue = fillValue
  }

  /// The tensor that is stored, before what its layout says is done to the elements.
  ///
  /// What is written in the tensor's place has to be negated again: see `isNegated`.
  public var asStored: TensorEntry {
    guard case .negated(let inner) = layout else { return self }
    var entry = self
    entry.layout = inner
    return entry
  }
  /// Whether the file holds the negatives of the elements.
  public var isNegated: Bool { if case .negated = layout { true } else { false } }

  /// The number of elements.
  public var elementCount: Int { shape.reduce(1, *) }
  /// The size of the elements in memory, as they are read: without filters, and not quantised.
  public var byteCount: Int { elementCount * elementType.byteCount }

  /// The type of the blocks of a quantised tensor; nil for others.
  public var quantisedType: QuantisedType? {
    if case .quantised(let type, _) = layout { type } else { nil }
  }

  /// The name of the type as which the elements are stored: `F32`, `Q4_K`.
  public var storedTypeName: String { quantisedType?.rawValue ?? elementType.rawValue }

  /// The size of the elements as they are stored, without filters.
  public var unfilteredByteCount: Int { quantisedType?.byteCount(of: elementCount) ?? byteCount }
}
