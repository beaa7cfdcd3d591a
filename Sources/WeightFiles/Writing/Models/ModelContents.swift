public import Catalogs
import Support
public import Tensors

/// A model on its way into a file: its tensors, which are read one by one while they are written, and
/// everything beside them.
///
///     let contents = try ModelContents(file)           // from a file of any format
///     try contents.write(to: "model.safetensors")
public struct ModelContents: Sendable {
  /// One tensor.
  public struct Item: Sendable {
    /// Its name.
    public var name: String
    /// The lengths of the axes; empty for a scalar.
    public var shape: [Int]
    /// The type of the elements as they will be written.
    public var elementType: ElementType
    /// Opens it. What it returns holds all of the tensor, or reads it where it lies.
    var open: @Sendable (Opening) throws -> TensorSource
    /// How many bytes `open` reads, and mostly holds until the tensor is written, where the budget has
    /// room for them: what counts against it. 0 where elements are read when they are written.
    var heldByteCount: Int

    /// The size of the elements as they will be written.
    public var byteCount: Int { shape.reduce(1, *) * elementType.byteCount }
  }

  /// The tensors, in the model's order.
  public var items: [Item] = []
  /// Groups of HDF5, without the root.
  public var groups: [String] = []
  /// Further names of tensors and groups, with the names under which they are listed.
  public var aliases: [String: String] = [:]
  /// Attributes by object path (the root is the empty string), then by name.
  public var attributes: [String: [String: Catalog.Attribute]] = [:]
  /// Documents beside the tensors, by name.
  public var documents: [String: [UInt8]] = [:]
  /// The types of the tensors that are quantised where they come from.
  var quantisedTypes: [QuantisedType] = []
  /// What could not be taken over, one line each.
  public var notes: [String] = []

  /// Makes an empty model.
  public init() {}

  /// Adds a tensor that is read, as little-endian elements, when its turn comes.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - shape: the lengths of the axes.
  ///   - elementType: the type of the elements.
  ///   - bytes: makes the elements, all of them; called once, on any thread.
  public mutating func add(
    _ name: String, shape: [Int], as elementType: ElementType,
    bytes: @escaping @Sendable () throws -> [UInt8]
  ) {
    let count = shape.reduce(1, *) * elementType.byteCount
    items.append(
      Item(
        name: name, shape: shape, elementType: elementType,
        open: { opening in
          try opening.check(count)
          let all = try bytes()
          guard all.count == count else {
            throw Diagnostic(
              .usage, "its \(all.count) bytes do not fill its shape \(shape)", at: [name])
          }
          return TensorSource(storage: .memory(all), elementType: elementType)
        }, heldByteCount: count))
  }

  /// Adds a tensor whose elements are made range by range while it is written.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - shape: the lengths of the axes.
  ///   - elementType: the type of the elements.
  ///   - replacement: what makes them.
  public mutating func add(
    _ name: String, shape: [Int], as elementType: ElementType,
    computing replacement: TensorReplacement
  ) {
    items.append(
      Item(
        TensorEntry(name: name, shape: shape, elementType: elementType, layout: .unallocated),
        computed: replacement))
  }

  /// Checks that all sizes are real, and that no name is there twice.
  func check() throws {
    var names: Set<String> = []
    for item in items {
      guard item.shape.allSatisfy({ $0 >= 0 }),
        checkedProduct(item.shape + [item.elementType.byteCount]) != nil
      else { throw Diagnostic(.usage, "its shape \(item.shape) overflows", at: [item.name]) }
      guard names.insert(item.name).inserted else {
        throw Diagnostic(.usage, "two tensors have this name", at: [item.name])
      }
    }
  }
}
