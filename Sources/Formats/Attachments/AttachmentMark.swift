package import Archives
import CXXHash
import Glibc
import Support

/// What stands at the end of a model's file whose attachment lies in a file beside it: that there is
/// one, and its checksum. A copy of the model alone tells by it what is missing, and of two files
/// beside a model it tells which is the model's.
///
/// Loaders do not see it: in zip archives it is the comment, in ONNX an entry of the metadata, and all
/// others read what their headers list, which ends before it.
package struct AttachmentMark: Hashable {
  /// The XXH3 checksum of the attachment, in hexadecimal digits.
  package let checksum: String

  private static let text = Array(
    "\nwsl: patched; what undoes it is in the file .rws beside this one, xxh3:".utf8)
  private static let digitCount = 32
  /// Its length.
  package static let byteCount = text.count + digitCount
  /// The entry of ONNX's metadata that holds it.
  package static let metadataKey = "wsl_patch"

  /// The mark of an attachment.
  package init(of attachment: [UInt8]) {
    let hash = attachment.withUnsafeBytes { XXH3_128bits($0.baseAddress, $0.count) }
    checksum = [hash.high64, hash.low64].bigEndianBytes.hexadecimal
  }

  /// Finds the mark of a file; nil where it has none.
  package init?(in file: OpenFile) throws {
    let tail = try file.bytes(
      at: file.byteCount - AttachmentMark.byteCount, count: AttachmentMark.byteCount)
    guard tail.count == AttachmentMark.byteCount, tail.starts(with: AttachmentMark.text) else {
      return nil
    }
    let digits = tail.dropFirst(AttachmentMark.text.count)
    guard digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
      return nil
    }
    checksum = String(decoding: digits, as: UTF8.self)
  }

  private var bytes: [UInt8] { AttachmentMark.text + Array(checksum.utf8) }

  /// Puts a mark at the end of a model's file in the place of one that is there, or takes that away.
  ///
  /// - Returns: whether the file has a mark now; false also where it has no place for one.
  /// - Throws: `Diagnostic` of code `cannotWrite`, or `badData` where the file cannot be read.
  package static func write(_ mark: AttachmentMark?, to descriptor: Int32, path: String) throws
    -> Bool
  {
    let file = try OpenFile(owning: duplicate(descriptor), path: path)
    let signature = try FileSignature.of(file)
    let isMarked = try AttachmentMark(in: file) != nil
    if mark == nil, !isMarked { return false }
    var end = file.byteCount
    if isMarked { end -= byteCount + (signature == .onnx ? frame.count : 0) }
    var tail = mark?.bytes ?? []
    if signature == .onnx, mark != nil { tail = frame + tail }
    if signature == .zip {
      guard let place = try ZipArchive.commentPlace(in: file) else { return false }
      let length = end - place.start + tail.count
      guard length <= Int(UInt16.max) else { return false }
      var field: [UInt8] = []
      append(UInt16(length), to: &field)
      try field.withUnsafeBytes { try writeFully($0, to: descriptor, at: place.length) }
    }
    guard ftruncate(descriptor, off_t(end)) == 0 else {
      throw Diagnostic(.cannotWrite, "cannot be written: \(systemMessage(errno))")
    }
    try tail.withUnsafeBytes { try writeFully($0, to: descriptor, at: end) }
    return mark != nil
  }

  /// What stands before the mark in ONNX: the head of an entry of `metadata_props`, field 14 of a
  /// model, of which the mark is the value.
  private static var frame: [UInt8] {
    let key = [0x0A, UInt8(metadataKey.utf8.count)] + Array(metadataKey.utf8)
    let value = [0x12, UInt8(byteCount)]
    return [0x72, UInt8(key.count + value.count + byteCount)] + key + value
  }
}
