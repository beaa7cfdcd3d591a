package import Archives
import Catalogs
package import Support
import Tensors

/// A safetensors file: the length of a JSON header, the header, then the tensors without gaps.
///
/// The checks are those of the reference implementation, in its order, and names that come twice are
/// refused as the specification asks.
///
/// Specification: https://github.com/huggingface/safetensors#format
package enum SafeTensorsFile {
  private static let maximalHeaderByteCount: UInt64 = 100_000_000
  private static let metadata = "__metadata__"

  /// Reads the header.
  ///
  /// - Throws: `Diagnostic` of code `badData`, inside of the tensor where there is one.
  /// - Complexity: O(header).
  package static func parse(_ file: OpenFile) throws -> ParsedFile {
    let (header, start, letters) = try readHeader(of: file)
    guard let members = header.members else { throw damaged("its header is not a JSON object") }
    var rows: [Row] = []
    rows.reserveCapacity(members.count)
    var attributes: [String: Catalog.Attribute] = [:]
    for member in members {
      let (name, value) = (member.name, member.value)
      if name == metadata {
        attributes = try strings(value)
      } else {
        do { rows.append(try Row(name, value)) } catch let error as Diagnostic {
          throw error.inside(name)
        }
      }
    }
    // Sorting is not stable: empty tensors of one place keep the header's order.
    let order = rows.indices.sorted {
      (rows[$0].begin, rows[$0].end, $0) < (rows[$1].begin, rows[$1].end, $1)
    }
    var tensors: [TensorEntry] = []
    var skipped: [Catalog.Skipped] = []
    var reached = 0
    for row in order.map({ rows[$0] }) {
      do {
        try row.check(after: reached)
        reached = row.end
        // Compared before it is added: the place of the data is at most the file's size.
        guard row.end <= file.byteCount - start else {
          throw damaged(
            "its data end at byte \(row.end), and only \(file.byteCount - start) are there")
        }
      } catch let error as Diagnostic {
        throw error.inside(row.name)
      }
      guard let type = row.type.elementType else {
        skipped.append(
          Catalog.Skipped(
            name: row.name, reason: ElementType.refusal(of: row.type.name),
            tensor: UnreadTensor(
              dtype: row.type.name, shape: row.shape,
              content: UnreadTensor.run(
                row.name, offset: start + row.begin, byteCount: row.end - row.begin))))
        continue
      }
      tensors.append(
        TensorEntry(
          name: row.name, shape: row.shape, elementType: type,
          layout: .contiguous(offset: start + row.begin)))
    }
    guard start + reached == file.byteCount else {
      throw Diagnostic(
        .badData,
        "\(file.byteCount - start - reached) bytes follow its last tensor, which no tensor has",
        remedy: "the file may hide something: do not use it")
    }
    var parsed = try ParsedFile(
      .safetensors, file, tensors: tensors, attributes: attributes, skipped: skipped)
    parsed.catalog.attachment = letters.map(Catalog.Attachment.letters)
    return parsed
  }

  private static func readHeader(
    of file: OpenFile
  ) throws -> (StrictJSON, dataOffset: Int, attachment: Range<Int>?) {
    guard file.byteCount >= 8 else { throw damaged("it is shorter than the length of its header") }
    var cursor = ByteCursor(try file.bytes(at: 0, count: 8)[...])
    guard let length = cursor.field(UInt64.self) else { throw damaged("it has no header") }
    guard length <= maximalHeaderByteCount else {
      throw damaged("it claims a header of \(length) bytes; at most 100000000 are allowed")
    }
    let count = Int(length)
    guard count <= file.byteCount - 8 else {
      throw Diagnostic(
        .badData, "its header of \(count) bytes reaches beyond its end",
        remedy: "the file is truncated: copy or download it again")
    }
    let bytes = try file.bytes(at: 8, count: count)
    guard bytes.first == UInt8(ascii: "{") else {
      throw damaged("its header does not begin with \"{\"")
    }
    if let (rest, letters) = try AttachmentText.cut(bytes) {
      return (rest, 8 + count, (8 + letters.lowerBound)..<(8 + letters.upperBound))
    }
    return (try StrictJSON(parsing: bytes), 8 + count, nil)
  }

  private static func strings(_ value: StrictJSON) throws -> [String: Catalog.Attribute] {
    guard let members = value.members else { throw damaged("its metadata are not an object") }
    return try Dictionary(
      uniqueKeysWithValues: members.map { member in
        guard let text = member.value.string else {
          throw damaged("its metadata \"\(member.name)\" are not a text")
        }
        return (member.name, .string(text))
      })
  }

  package static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(.badData, what, remedy: "the file is damaged: copy or download it again")
  }
}
