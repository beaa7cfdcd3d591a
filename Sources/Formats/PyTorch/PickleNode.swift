/// A value that a pickle describes. Values refer to each other by number, so that one value in many
/// places costs nothing, and a value in itself is no danger.
package enum PickleNode {
  case none
  case truth(Bool)
  case integer(Int)
  /// An integer of more than 64 bits: its bytes, little-endian.
  case wideInteger([UInt8])
  case float(Double)
  case text(String)
  /// A class or function, by its name. It is never looked up.
  case symbol(String)
  case tuple([PickleReference])
  /// A list or set, by its place in the machine's pool.
  case list(Int)
  /// A dictionary, by its place in the machine's pool.
  case dictionary(Int)
  case storage(PickleStorage)
  case tensor(PickleTensor)
  /// The result of a call that is known and not of use here, by the function's name.
  case opaque(String)
  /// What a class or function that is not known would make, by its place in the machine's pool. It
  /// is never made.
  case object(Int)
  /// Bytes, which are not kept: how many.
  case bytes(Int)
}

/// What a pickle tells of an object: the name of what would make it, and what it would be given.
package struct PickleObject {
  /// The class or function: `torch.nn.modules.linear.Linear`.
  var maker: String
  /// The arguments of the call.
  var arguments: [PickleReference] = []
  /// Its attributes: a dictionary, or what it would make them of; nil where it was given none.
  package var state: PickleReference?
  /// What was put into it as if it were a dictionary, by its place in the machine's pool.
  var members: Int?
  /// What was appended to it as if it were a list, by its place in the machine's pool.
  var elements: Int?
}

/// The number of a value in its machine.
package typealias PickleReference = Int32

/// A run of elements that a pickle names.
package struct PickleStorage: Hashable {
  /// The name under which the container keeps it.
  package var key: String
  /// The class or element type: `FloatStorage`, `UntypedStorage`.
  package var kind: String
  /// The number of elements; bytes where the storage has no type.
  package var count: Int
  /// Where it begins in the storage of that key, in elements (views of the legacy format).
  package var viewOffset = 0

  package init(key: String, kind: String, count: Int, viewOffset: Int = 0) {
    self.key = key
    self.kind = kind
    self.count = count
    self.viewOffset = viewOffset
  }
}

/// A view of a storage, as `torch._utils._rebuild_tensor` makes it.
package struct PickleTensor {
  package var storage: PickleStorage
  /// The first element, counted in elements of the tensor's type.
  package var offset: Int
  package var shape: [Int]
  package var strides: [Int]
  /// The type by its own name (`uint16`), where the storage has none.
  package var type: String?
  /// Whether the negatives of its elements are stored.
  package var isNegated = false
  /// Why its elements are not what is stored, where nothing can be done about it.
  package var obstacle: String?

  package init(
    storage: PickleStorage, offset: Int, shape: [Int], strides: [Int], type: String? = nil,
    isNegated: Bool = false, obstacle: String? = nil
  ) {
    self.storage = storage
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.type = type
    self.isNegated = isNegated
    self.obstacle = obstacle
  }
}
