public import Catalogs
import Support
public import Tensors

/// The contents of a new HDF5 file: data sets, groups and attributes.
///
///     var document = HDF5Document()
///     document.add("dense/kernel", Tensor(shape: [2, 3], values: …))
///     document.attributes[""] = ["backend": .string("wsl")]
///     try document.write(to: "model.h5")
///
/// The same document makes the same bytes.
public struct HDF5Document: Sendable {
  /// A data set.
  public struct Dataset: Sendable, Hashable {
    /// The path, without the leading slash. Groups on the way are made.
    public var name: String
    /// The lengths of the axes; empty for a scalar.
    public var shape: [Int]
    /// The type of the elements. Truth values are stored as h5py stores them, bfloat16 as a
    /// floating-point type of two bytes with the attribute that Keras reads.
    public var elementType: ElementType
    /// The elements, little-endian, row-major.
    public var bytes: [UInt8]

    /// Makes a data set.
    public init(name: String, shape: [Int], elementType: ElementType, bytes: [UInt8]) {
      self.name = name
      self.shape = shape
      self.elementType = elementType
      self.bytes = bytes
    }
  }

  /// How elements are stored.
  public enum Compression: Sendable, Hashable {
    /// One run of bytes, which readers can map.
    case none
    /// Blocks of about a MiB, shuffled (which suits numbers) and deflated; data sets below a few KiB
    /// stay one run.
    case gzip(level: Int, shuffles: Bool = true)
  }

  /// The data sets, in the order of writing.
  public var datasets: [Dataset]
  /// Groups that are made even where no data set is in them.
  public var groups: [String]
  /// Attributes by object path (the root is the empty string), then by name.
  public var attributes: [String: [String: Catalog.Attribute]]

  /// Makes a document.
  public init(
    datasets: [Dataset] = [], groups: [String] = [],
    attributes: [String: [String: Catalog.Attribute]] = [:]
  ) {
    self.datasets = datasets
    self.groups = groups
    self.attributes = attributes
  }

  /// Adds a tensor, converted to an element type.
  public mutating func add(_ name: String, _ tensor: Tensor, as type: ElementType = .float32) {
    datasets.append(
      Dataset(
        name: name, shape: tensor.shape, elementType: type, bytes: type.bytes(of: tensor.values)))
  }
}
