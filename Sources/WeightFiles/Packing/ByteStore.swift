import Archives
import Support
import Synchronization
import Tensors

/// Bytes on their way into an output, in a file without a name beside it: they need no memory.
public final class ByteStore: Sendable {
  private let file: TemporaryFile
  private let end = Mutex(0)

  /// Makes an empty store.
  ///
  /// - Parameter path: the output; the store is in its folder.
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  public init(beside path: String) throws {
    file = try TemporaryFile(beside: path)
  }

  /// How many bytes there are.
  public var byteCount: Int { end.withLock { $0 } }

  /// Adds bytes at the end.
  ///
  /// - Returns: where they begin.
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  public func append(_ bytes: [UInt8]) throws -> Int {
    try end.withLock { end in
      let start = end
      try bytes.withUnsafeBytes { try writeFully($0, to: file.descriptor, at: start) }
      end += bytes.count
      return start
    }
  }

  /// The bytes as they are now, to be read as a file.
  fileprivate func opened() throws -> OpenFile {
    try OpenFile(owning: duplicate(file.descriptor), path: file.target)
  }
}

extension ModelContents {
  /// Adds a tensor of bytes that a store holds.
  public mutating func add(_ name: String, _ store: ByteStore) throws {
    let count = store.byteCount
    let source = TensorSource(
      storage: .file(try store.opened(), offset: 0, isBigEndian: false), elementType: .uint8)
    items.append(
      Item(
        name: name, shape: [count], elementType: .uint8, open: { _ in source }, heldByteCount: 0))
  }
}
