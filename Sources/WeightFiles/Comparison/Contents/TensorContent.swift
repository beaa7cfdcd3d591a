public import Tensors

/// What a tensor holds, as hashes: in its order, in any order, and of each slice along each axis.
///
/// By them tensors are recognised under other names, transposed, with their units in another order,
/// as a part of a larger one, and after rounding to a narrower type, without looking at pairs of tensors.
public struct TensorContent: Sendable {
  /// A way to cut a tensor into slices: element p lies in slice `(p / stride) % count`.
  public struct Slicing: Sendable, Hashable {
    /// The axis across which it is cut; nil where the first axes are taken as one.
    public var axis: Int?
    /// How many elements the next slice is away.
    public var stride: Int
    /// How many slices there are.
    public var count: Int

    /// A tensor of so many elements as one slice.
    public static func whole(of count: Int) -> Slicing {
      Slicing(axis: nil, stride: count, count: 1)
    }
  }

  /// The hashes of the elements as one type keeps them.
  public struct Level: Sendable {
    /// Of the elements in their places.
    public internal(set) var ordered: UInt64 = 0
    /// Of the elements in any order.
    public internal(set) var unordered: UInt64 = 0
    /// Of the elements of each slice in any order, for each way of slicing.
    public internal(set) var slices: [[UInt64]]
  }

  /// The lengths of the axes.
  public let shape: [Int]
  /// The type of the elements.
  public let elementType: ElementType
  /// The ways of slicing.
  public let slicings: [Slicing]
  /// The hashes of the elements as they are, by the tensor's own type, and as narrower types keep them.
  public internal(set) var levels: [ElementType: Level]
  /// Whether all elements are the same number: what equals such a tensor says nothing of where it is from.
  public internal(set) var isConstant = true
  /// How many elements there are.
  public let count: Int
  /// The first element; nil where there is none.
  public internal(set) var first: Double?

  /// Above this many slices a way of slicing is left out.
  private static let mostSlices = 1 << 20

  /// Nothing read yet.
  ///
  /// - Parameter types: the types to which elements are rounded as well.
  init(shape: [Int], elementType: ElementType, roundedTo types: [ElementType]) {
    self.shape = shape
    self.elementType = elementType
    count = shape.reduce(1, *)
    var slicings: [Slicing] = []
    var stride = 1
    for axis in shape.indices.reversed() {
      slicings.append(Slicing(axis: axis, stride: stride, count: shape[axis]))
      // The axes up to this one, as one.
      if axis > 0, axis < shape.count - 1 {
        slicings.append(
          Slicing(axis: nil, stride: stride, count: shape[...axis].reduce(1, *)))
      }
      stride *= max(1, shape[axis])
    }
    self.slicings = slicings.filter { $0.count > 1 && $0.count <= Self.mostSlices }
    let empty = Level(slices: self.slicings.map { [UInt64](repeating: 0, count: $0.count) })
    levels = [elementType: empty]
    for type in types where type != elementType { levels[type] = empty }
  }

  /// The hashes of the elements as they are.
  public var own: Level {
    levels[elementType] ?? Level(slices: slicings.map { [UInt64](repeating: 0, count: $0.count) })
  }

  /// Whether at least half of the slices across some axis differ from each other.
  public var hasManyValues: Bool {
    own.slices.contains { 2 * Set($0).count > $0.count }
  }

  /// The types to which a tensor is rounded so that it can be recognised among tensors of some types.
  static func roundings(of type: ElementType, beside others: Set<ElementType>) -> [ElementType] {
    guard type.isFloatingPoint else { return [] }
    return others.filter {
      $0.isFloatingPoint && $0 != type && $0.byteCount <= type.byteCount
    }.sorted { $0.rawValue < $1.rawValue }
  }
}
