package import Archives
import Catalogs
package import Support
import Tensors

/// A GGUF file, versions 2 and 3: metadata, the list of tensors, then aligned data. Files for big-endian
/// machines have all numbers in their order.
///
/// Specification: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
package enum GGUFFile {
  private struct Place {
    var name: String
    var shape: [Int]
    var type: StoredType?
    var code: UInt32
    var offset: UInt64
  }

  /// Reads the header.
  ///
  /// - Throws: `Diagnostic` of code `badData`, inside of the tensor where there is one.
  package static func parse(_ file: OpenFile) throws -> ParsedFile {
    var cursor = FileCursor(file)
    try cursor.skip(4)
    var version = try cursor.field(UInt32.self)
    // The magic is text, and the version is small: it tells the order of bytes.
    if version & 0xFFFF == 0 {
      cursor.isBigEndian = true
      version = version.byteSwapped
    }
    guard version == 2 || version == 3 else {
      throw Diagnostic(
        .badData, "its version \(version) of GGUF is not read",
        remedy: "convert it with a newer llama.cpp, which writes version 3")
    }
    let tensorCount = try cursor.field(UInt64.self)
    let memberCount = try cursor.field(UInt64.self)
    // The shortest member has a length, a type and a byte; the shortest tensor four fields.
    guard memberCount <= UInt64(cursor.remaining / 13), tensorCount <= UInt64(cursor.remaining / 24)
    else {
      throw damaged("it claims \(memberCount) members and \(tensorCount) tensors, and is too short")
    }
    var metadata = GGUFMetadata()
    for _ in 0..<memberCount { try metadata.read(&cursor) }
    var places: [Place] = []
    var names: Set<String> = []
    for _ in 0..<tensorCount {
      let place = try place(&cursor)
      guard names.insert(place.name).inserted else {
        throw damaged("it has the tensor \(place.name) twice")
      }
      places.append(place)
    }
    let alignment = metadata.alignment
    let (padded, overflow) = cursor.position.addingReportingOverflow(alignment - 1)
    let start = padded / alignment * alignment
    guard !overflow, start <= file.byteCount || tensorCount == 0 else {
      throw damaged("its data begin beyond its end")
    }
    let (tensors, skipped) = try entries(
      places, start: start, alignment: alignment, byteCount: file.byteCount,
      isBigEndian: cursor.isBigEndian)
    return try ParsedFile(
      .gguf, file, tensors: tensors, attributes: metadata.attributes, skipped: skipped)
  }

  private static func place(_ cursor: inout FileCursor) throws -> Place {
    let name = try text(&cursor, limit: 63, what: "the name of a tensor")
    do {
      let axes = try cursor.field(UInt32.self)
      guard axes <= 4 else { throw damaged("it claims \(axes) axes; at most 4 are allowed") }
      let lengths = try (0..<axes).map { _ in try cursor.field(UInt64.self) }
      guard !lengths.contains(0) else { throw damaged("one of its lengths is 0") }
      let shape = lengths.compactMap { Int(exactly: $0) }
      guard shape.count == lengths.count else { throw damaged("its shape \(lengths) overflows") }
      let code = try cursor.field(UInt32.self)
      // The fastest axis comes first there, and last here.
      return Place(
        name: name, shape: shape.reversed(), type: StoredType(code), code: code,
        offset: try cursor.field(UInt64.self))
    } catch let error as Diagnostic {
      throw error.inside(name)
    }
  }

  private static func entries(
    _ places: [Place], start: Int, alignment: Int, byteCount: Int, isBigEndian: Bool
  ) throws -> ([TensorEntry], [Catalog.Skipped]) {
    var tensors: [TensorEntry] = []
    var skipped: [Catalog.Skipped] = []
    var ranges: [(range: Range<Int>, name: String)] = []
    for place in places {
      do {
        guard let count = checkedProduct(place.shape) else {
          throw damaged("its shape \(place.shape) overflows")
        }
        guard place.offset % UInt64(alignment) == 0 else {
          throw damaged("its offset \(place.offset) is not a multiple of \(alignment)")
        }
        guard let type = place.type else {
          skipped.append(
            Catalog.Skipped(
              name: place.name, reason: "its type \(place.code) is unknown",
              tensor: UnreadTensor(dtype: "type \(place.code)", shape: place.shape)))
          continue
        }
        guard (place.shape.last ?? 1) % type.blockLength == 0 else {
          throw damaged(
            "its rows of \(place.shape.last ?? 1) do not fill blocks of \(type.blockLength)")
        }
        guard let size = checkedProduct([count / type.blockLength, type.blockByteCount]) else {
          throw damaged("its shape \(place.shape) overflows")
        }
        guard let offset = Int(exactly: place.offset), offset <= byteCount - start,
          size <= byteCount - start - offset
        else { throw damaged("its data lie beyond the end of the file") }
        ranges.append(((start + offset)..<(start + offset + size), place.name))
        if let layout = type.layout(at: start + offset, isBigEndian: isBigEndian) {
          tensors.append(
            TensorEntry(
              name: place.name, shape: place.shape, elementType: type.elementType ?? .float32,
              isBigEndian: isBigEndian && type.hasByteOrder, layout: layout))
        } else {
          let order = isBigEndian && type.quantisedType != nil ? " for big-endian machines" : ""
          skipped.append(
            Catalog.Skipped(
              name: place.name, reason: "it is quantised (\(type.name))\(order), which is not read",
              tensor: UnreadTensor(
                dtype: type.name, shape: place.shape,
                content: UnreadTensor.run(place.name, offset: start + offset, byteCount: size))))
        }
      } catch let error as Diagnostic {
        throw error.inside(place.name)
      }
    }
    ranges.sort { $0.range.lowerBound < $1.range.lowerBound }
    for (before, next) in zip(ranges, ranges.dropFirst())
    where before.range.upperBound > next.range.lowerBound {
      throw damaged("its data overlap those of \(before.name)").inside(next.name)
    }
    return (tensors, skipped)
  }

  /// A text: a length of 64 bits, then UTF-8.
  package static func text(_ cursor: inout FileCursor, limit: Int, what: String) throws -> String {
    let length = try cursor.field(UInt64.self)
    guard length <= UInt64(limit) else {
      throw damaged("\(what) claims \(length) bytes; at most \(limit) are allowed")
    }
    guard let text = String(validating: try cursor.bytes(Int(length)), as: UTF8.self) else {
      throw damaged("\(what) is not valid UTF-8")
    }
    return text
  }

  package static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(.badData, what, remedy: "the file is damaged: copy or download it again")
  }
}
