/// One change to a copy of a file, as it is handed to the worker.
///
/// Each is a header (this type, encoded, after its length) and then the bytes themselves, which the
/// worker reads straight from the stream.
public struct PatchRecord: Sendable, Hashable {
  /// Which bytes of a data set are written.
  public enum Place: Sendable, Hashable {
    /// All elements, as stored in the file, unfiltered.
    case whole
    /// One block, already filtered, at the index of its first element. Bit i of the mask set: filter i
    /// was not applied.
    case chunk(origin: [UInt64], filterMask: UInt32)
    /// A new list of bytes; one that is there already is replaced, groups on the way are made.
    case attachment
    /// None: whatever is there is taken out.
    case removal
  }

  /// The data set's path.
  public var dataset: String
  /// What is written.
  public var place: Place
  /// How many bytes follow.
  public var byteCount: UInt64

  /// Makes a change.
  public init(dataset: String, place: Place, byteCount: UInt64) {
    self.dataset = dataset
    self.place = place
    self.byteCount = byteCount
  }

  /// The length of the header, and the header.
  public func encoded() -> [UInt8] {
    var header = WireWriter()
    header.append(text: dataset)
    switch place {
    case .whole: header.append(UInt8(0))
    case .chunk(let origin, let filterMask):
      header.append(UInt8(1))
      header.append(lengths: origin)
      header.append(filterMask)
    case .attachment: header.append(UInt8(2))
    case .removal: header.append(UInt8(3))
    }
    header.append(byteCount)
    var record = WireWriter()
    record.append(UInt32(header.bytes.count))
    return record.bytes + header.bytes
  }

  /// Decodes a header, without its length.
  public init(decoding bytes: ArraySlice<UInt8>) throws {
    var reader = WireReader(bytes)
    dataset = try reader.takeText()
    switch try reader.take(UInt8.self) {
    case 0: place = .whole
    case 1:
      place = .chunk(
        origin: try reader.takeLengths(), filterMask: try reader.take(UInt32.self))
    case 2: place = .attachment
    case 3: place = .removal
    default: throw WireError("the patch holds a change of an unknown kind")
    }
    byteCount = try reader.take(UInt64.self)
    try reader.finish()
  }
}
