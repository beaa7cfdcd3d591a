import Archives
import Catalogs
import Formats
import Support

/// The header of a safetensors file, to be written again with another attachment and nothing else
/// changed: the order of its members, names of types that are not read here.
struct SafeTensorsHeader {
  /// Where the tensors begin.
  let dataOffset: Int
  private let members: [StrictJSON.Member]
  private static let metadata = "__metadata__"
  private static let maximalByteCount = 100_000_000

  /// Reads the header of a file that was parsed before.
  ///
  /// - Parameter attachment: where its attachment is, which is not read.
  init(_ file: OpenFile, attachment: Catalog.Attachment?) throws {
    let start = try file.bytes(at: 0, count: 8)
    let count = start.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    guard start.count == 8, count <= SafeTensorsHeader.maximalByteCount else {
      throw Diagnostic(.badData, "it changed while it was read", at: [file.path])
    }
    dataOffset = 8 + Int(count)
    var text: [UInt8]
    if case .letters(let letters) = attachment {
      text = try file.bytes(at: 8, count: letters.lowerBound - 8)
      text += try file.bytes(at: letters.upperBound, count: dataOffset - letters.upperBound)
    } else {
      text = try file.bytes(at: 8, count: Int(count))
    }
    members = try StrictJSON(parsing: text).members ?? []
  }

  /// A header's text, but for the letters of its attachment.
  struct Text {
    /// What comes before the letters; all of it, where there are none.
    var before: [UInt8]
    /// How many letters there are.
    var letterCount: Int
    /// What comes after them.
    var after: [UInt8]

    /// The length of the header.
    var byteCount: Int { before.count + letterCount + after.count }
  }

  /// The header's text.
  ///
  /// - Parameter attachmentByteCount: how long what is kept in the metadata is; nil takes it out.
  func text(attachmentByteCount: Int?) throws -> Text {
    var metadata: [StrictJSON.Member] = []
    var rest: [StrictJSON.Member] = []
    for member in members {
      if member.name == SafeTensorsHeader.metadata {
        metadata = member.value.members ?? []
      } else {
        rest.append(member)
      }
    }
    metadata.removeAll { $0.name == Catalog.Attachment.key }
    var text = Text(before: [UInt8(ascii: "{")], letterCount: 0, after: [])
    if attachmentByteCount != nil || !metadata.isEmpty {
      text.before += "\"\(SafeTensorsHeader.metadata)\":".utf8
      text.before += StrictJSON.object(metadata).text.utf8
      if let attachmentByteCount {
        text.before.removeLast()
        text.before += "\(metadata.isEmpty ? "" : ",")\"\(Catalog.Attachment.key)\":\"".utf8
        text.letterCount = AttachmentText.letterCount(attachmentByteCount)
        text.after += "\"}".utf8
      }
      if !rest.isEmpty { text.after.append(UInt8(ascii: ",")) }
    }
    text.after += StrictJSON.object(rest).text.utf8.dropFirst()
    guard text.byteCount <= SafeTensorsHeader.maximalByteCount else {
      throw Diagnostic(
        .cannotWrite,
        "its header would have \(text.byteCount) bytes, and readers take 100 million",
        remedy: "write the model as .h5 first: \(action: .convert)")
    }
    return text
  }

  /// Writes the length of a header and the header, filled up with spaces.
  static func write(
    _ text: Text, attachment: [[UInt8]], filledTo count: Int, to descriptor: Int32, jobs: Int?
  ) throws {
    var length: [UInt8] = []
    append(UInt64(count), to: &length)
    try (length + text.before).withUnsafeBytes { try writeFully($0, to: descriptor, at: 0) }
    let letters = 8 + text.before.count
    try AttachmentText.write(attachment, to: descriptor, at: letters, jobs: jobs)
    try text.after.withUnsafeBytes {
      try writeFully($0, to: descriptor, at: letters + text.letterCount)
    }
    let spaces = [UInt8](repeating: 0x20, count: max(0, min(1 << 20, count - text.byteCount)))
    var done = text.byteCount
    while done < count {
      try spaces.withUnsafeBytes { all in
        let part = UnsafeRawBufferPointer(rebasing: all[..<min(all.count, count - done)])
        try writeFully(part, to: descriptor, at: 8 + done)
        done += part.count
      }
    }
  }
}

extension StrictJSON {
  /// The document as text, without white space.
  var text: String {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .number(let text): return text
    case .string(let text): return StrictJSON.quoted(text)
    case .array(let list): return "[" + list.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      return "{"
        + members.map { StrictJSON.quoted($0.name) + ":" + $0.value.text }.joined(separator: ",")
        + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    result.reserveCapacity(text.utf8.count + 2)
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else {
      return result + text + "\""
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
