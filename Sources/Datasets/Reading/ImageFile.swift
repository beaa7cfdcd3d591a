import CImages
import Support

/// One image, PNG or JPEG, in memory.
enum ImageFile {
  /// What it says of itself.
  struct Header: Sendable, Hashable {
    var width: Int
    var height: Int
    /// 1 for grey, 3 for colour.
    var channels: Int
  }

  /// Reads the header.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is damaged or of a kind that is not read.
  static func header(_ bytes: [UInt8]) throws -> Header {
    var header = images_header()
    var message = [CChar](repeating: 0, count: Int(IMAGES_MESSAGE_SIZE))
    guard images_read_header(bytes, bytes.count, &header, &message) else { throw damaged(message) }
    return Header(
      width: Int(header.width), height: Int(header.height), channels: Int(header.channels))
  }

  /// Decodes it, row by row, the channels of a pixel beside each other. Transparency is left out.
  ///
  /// - Parameters:
  ///   - channels: 1, where it is grey, or 3.
  ///   - size: how many bytes these are, by its header.
  /// - Throws: as `header`.
  static func pixels(_ bytes: [UInt8], channels: Int, size: Int) throws -> [UInt8] {
    var message = [CChar](repeating: 0, count: Int(IMAGES_MESSAGE_SIZE))
    var pixels = [UInt8](repeating: 0, count: size)
    guard images_decode(bytes, bytes.count, Int32(channels), &pixels, size, &message) else {
      throw damaged(message)
    }
    return pixels
  }

  private static func damaged(_ message: [CChar]) -> Diagnostic {
    let text = String(
      decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return Diagnostic(
      .badData, "the image cannot be decoded: \(text)", remedy: "save or copy it again")
  }
}
