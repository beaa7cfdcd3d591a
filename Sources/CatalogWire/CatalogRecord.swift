/// One thing that the worker tells about a file.
public enum CatalogRecord: Sendable, Hashable {
  /// A group, other than the root.
  case group(name: String)
  /// A data set that can be offered as a tensor.
  case dataset(DatasetRecord)
  /// An attribute of an object; the root is the empty name.
  case attribute(object: String, name: String, value: AttributeValue)
  /// Another name of an object that was told already.
  case alias(name: String, target: String)
  /// The place of a link among the objects; what it names is told as an alias at the end.
  case link(name: String)
  /// Something that is no data set and not offered, and why.
  case skipped(name: String, reason: String)
  /// A data set that is not read as numbers, and why.
  case unread(UnreadRecord)
  /// The work failed; the last record of an answer that has it.
  case failure(message: String)
  /// The work is done; the last record of every answer that did not fail.
  case end

  /// How the message of a failure begins where something could not be written: a full disk is no fault
  /// of the file that is read.
  public static let unwritten = "cannot be written: "

  /// A value of an attribute.
  public enum AttributeValue: Sendable, Hashable {
    /// A text.
    case string(String)
    /// Texts.
    case strings([String])
    /// Numbers.
    case numbers([Double])
  }
}

/// A data set whose elements are no numbers that are known here, or not to be had.
public struct UnreadRecord: Sendable, Hashable {
  /// The path without the leading slash.
  public var name: String
  /// Why it is not read.
  public var reason: String
  /// The type of the elements in words; empty where it is not known.
  public var type = ""
  /// The lengths of the axes; nil where they are not known.
  public var shape: [UInt64]?
  /// Whether it may be a weight.
  public var mayBeWeight = true
  /// Its bytes as a data set of bytes, with an axis more: the bytes of an element. Nil where they are
  /// not to be had.
  public var bytes: DatasetRecord?

  /// Makes a record.
  public init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}

/// A data set as the worker tells it.
public struct DatasetRecord: Sendable, Hashable {
  /// The kind of elements.
  public enum Kind: UInt8, Sendable, Hashable {
    /// A signed integer.
    case signed = 0
    /// An unsigned integer.
    case unsigned = 1
    /// An IEEE 754 number.
    case float = 2
    /// A bfloat16 number.
    case brainFloat = 3
    /// A truth value in a byte.
    case truth = 4
    /// A number of 8 bits, five of them exponent.
    case smallFloat = 5
  }

  /// Where the bytes are. Addresses count from the start of the window.
  public enum Storage: Sendable, Hashable {
    /// Nothing is stored.
    case unallocated
    /// One run of bytes.
    case contiguous(address: UInt64, byteCount: UInt64)
    /// The bytes, from the object's header.
    case compact([UInt8])
    /// Blocks.
    case chunked(chunkShape: [UInt64], chunks: [StoredChunk])
  }

  /// One stored block.
  public struct StoredChunk: Sendable, Hashable {
    /// The block's place in the grid of blocks, counted in row-major order.
    public var gridIndex: UInt64
    /// Where its bytes begin.
    public var address: UInt64
    /// How many bytes there are.
    public var byteCount: UInt64
    /// Bit i set: filter i was not applied.
    public var filterMask: UInt32

    /// Makes a block.
    public init(gridIndex: UInt64, address: UInt64, byteCount: UInt64, filterMask: UInt32) {
      self.gridIndex = gridIndex
      self.address = address
      self.byteCount = byteCount
      self.filterMask = filterMask
    }
  }

  /// One step of the filter pipeline.
  public struct StoredFilter: Sendable, Hashable {
    /// The registered number.
    public var id: Int32
    /// The name that the file gives.
    public var name: String
    /// The parameters.
    public var parameters: [UInt32]

    /// Makes a filter.
    public init(id: Int32, name: String, parameters: [UInt32]) {
      self.id = id
      self.name = name
      self.parameters = parameters
    }
  }

  /// The path without the leading slash.
  public var name: String
  /// The lengths of the axes.
  public var shape: [UInt64]
  /// The kind of elements.
  public var kind: Kind
  /// The size of an element.
  public var elementByteCount: UInt8
  /// Whether elements are stored most significant byte first.
  public var isBigEndian: Bool
  /// Where the bytes are.
  public var storage: Storage
  /// The filters, in the order of writing.
  public var filters: [StoredFilter]
  /// One fill element as stored, of an unread data set all its bytes; empty for zeros.
  public var fillValue: [UInt8]

  /// Makes a record.
  public init(
    name: String, shape: [UInt64], kind: Kind, elementByteCount: UInt8, isBigEndian: Bool,
    storage: Storage, filters: [StoredFilter] = [], fillValue: [UInt8] = []
  ) {
    self.name = name
    self.shape = shape
    self.kind = kind
    self.elementByteCount = elementByteCount
    self.isBigEndian = isBigEndian
    self.storage = storage
    self.filters = filters
    self.fillValue = fillValue
  }
}
