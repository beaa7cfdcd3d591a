import Catalogs
package import Support
import Tensors

/// What the index keeps of a model.
struct ModelRecord: Sendable {
  /// Which of the unit's models it is: a row of a packed array; empty where the unit is one model.
  var member = ""
  /// What its attributes or its place call it; other models may be called the same.
  var name: String
  /// The unit's path, with the member after a `#`.
  var file: String
  /// The path that the name is the end of, where no attribute says another one.
  var place: String
  var format: Catalog.Format
  var producer: String?
  /// Elements that are floating-point numbers, or the graph's parameters where it is understood.
  var parameters: Int
  /// The size of all tensors in memory, as stored but without filters; also of those that are not read,
  /// where it is known.
  var byteCount: Int
  /// The type of most elements.
  var elementType: ElementType
  /// The fingerprint of the architecture, and how it was understood; nil where it was not.
  var fingerprint: String?
  var architecture: String?
  /// A hash of names and shapes.
  var structure: String
  /// A hash of all tensors' contents and shapes, whatever their names and order, with the bytes of those
  /// that are no numbers; nil where they were not read. Of a model that has a tensor whose bytes are not
  /// to be had, it is that model's alone.
  var content: [UInt8]?
  /// What the file says of its parent.
  var parent: String?
  var parentHash: String?
  /// How many things of the file are not offered as tensors.
  var skippedCount = 0
  /// The paths of the files that hold its tensors.
  var parts: [String]
  /// Whether its tensors can be read by offset, without opening the container.
  var isAddressable: Bool
  /// The size of all its parts together.
  var partByteCount: Int
  var tensors: [TensorRecord]
  /// What the file says beside its tensors; nil where the file has to be opened for it.
  var head: HeadCode?
  /// The tensors that are not read as numbers.
  var unread: [UnreadTensorRecord] = []
  var labels: [Label]
  /// What a person should know of it.
  var notes: [String] = []
}

/// What the index keeps of a tensor that is not read as numbers.
struct UnreadTensorRecord: Sendable {
  var object: Catalog.Skipped
  /// XXH3 (128 bits) of its bytes; nil where they were not read, or are not to be had.
  var hash: [UInt8]?
}

/// What the index keeps of a tensor.
struct TensorRecord: Sendable {
  var entry: TensorEntry
  /// XXH3 (128 bits) of its decoded, little-endian elements; nil where it was not read.
  var hash: [UInt8]?

  /// The bytes that it takes in its files.
  var storedByteCount: Int { entry.readByteCount }

  /// Where its bytes begin; nil where they are in several places or none.
  var offset: Int? {
    switch entry.asStored.layout {
    case .contiguous(let offset), .strided(let offset, _), .quantised(_, let offset): offset
    case .chunked, .inline, .unallocated, .deflated, .negated: nil
    }
  }
}

/// A file that is not in the index, and why.
public struct IndexFailure: Sendable, Hashable, Encodable {
  /// The file or folder.
  public var file: String
  /// Why its models are not there.
  public var reason: String
  /// The kind of failure.
  package var code: Diagnostic.Code

  package init(file: String, reason: String, code: Diagnostic.Code) {
    self.file = file
    self.reason = reason
    self.code = code
  }

  private enum CodingKeys: CodingKey {
    case file
    case reason
  }
}
