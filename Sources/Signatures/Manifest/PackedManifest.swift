import Archives
import Foundation
import Support

/// The manifest as it stands in a file: the length of a frame as LEB128, a zstd frame, then bytes that
/// cannot be compressed.
///
/// The frame holds the JSON text, in which every digest and every sample is one byte that no JSON has,
/// and was made with a dictionary of what such texts have in common; the bytes of digests and samples
/// follow in their order, then the first eight of the text's SHA-256. A manifest of eight tensors
/// has half the size that zstd gives its text.
enum PackedManifest {
  /// Stands for the 64 digits of a SHA-256 and their quotes.
  private static let digestMark: UInt8 = 1
  /// Stands for 16 bytes in base 64, and their quotes.
  private static let sampleMark: UInt8 = 2
  private static let largestText = 64 << 20
  private static let checkByteCount = 8
  private static let quote = UInt8(ascii: "\"")

  /// What manifests have in common. A change of it needs a new version of the format.
  private static let dictionary = Array(
    """
    "layers.0.weight","layers.0.bias","features.0.weight","features.0.bias","features/12/weight",\
    "features/12/bias","conv1.weight","dense_1/kernel","dense_1/bias","bn1.running_mean",\
    "replace","statistics","F16","BF16",[64,64,3,3],[64],[128,64,3,3],[128],null,null,\
    {"ancestry":{"robust":0.98,"standard":0.99},"architecture":"0123456789abcdef",\
    "corruption":{"severity":3,"type":"gaussian-noise"},"format":"wsl-rws","inputs":{"pretrained":\
    \u{1},"robust":\u{1},"standard":\u{1}},"name":"contrast","options":{"layers":"first:4",\
    "levels":8,"normalization":true,"projection":true},"payload":\u{1},"payloadByteCount":8184,\
    "seed":0,"tensors":{"base":[\u{1},\u{1},\u{1},\u{1},\u{1},\u{1},\u{1},\u{1}],"cosine":[0.02,0.23],\
    "kind":["add","add","add","add","add","add","add","add"],"levels":[8,8,8,8,8,8,8,8],"name":[\
    "features/0/weight","features/0/bias","features/2/weight","features/2/bias","features/5/weight",\
    "features/5/bias","features/7/weight","features/7/bias","features/10/weight"],"norm":[0.7,1.5],\
    "offset":[0,72,80,1232,1240,3544,3560,8168],"place":[0,1,2,3,4,5,6,7,8],"relativeNorm":[0.1,0.4],\
    "removed":[0.0004,0.05],"sample":[\u{2},null,\u{2},null,\u{2},null,\u{2},null],"shape":[\
    [16,1,3,3],[16],[16,16,3,3],[16],[32,16,3,3],[32],[32,32,3,3],[32]],"step":[0.05,0.03,0.04],\
    "type":["F32","F32","F32","F32","F32","F32","F32","F32"],"zero":[3,4,4,4,4,4,4,3]},\
    "tool":"wsl 0.1.0","version":1}
    """.utf8)

  /// Packs a manifest's text; equal texts make equal bytes.
  static func packed(_ text: [UInt8]) throws -> [UInt8] {
    guard !text.contains(digestMark), !text.contains(sampleMark) else {
      throw Diagnostic(.failed, "the signature's manifest is no JSON")
    }
    var marked: [UInt8] = []
    var apart: [UInt8] = []
    var place = 0
    while place < text.count {
      if let digest = quoted(64, in: text, at: place), let bytes = bytes(ofDigits: digest) {
        marked.append(digestMark)
        apart += bytes
        place += 66
      } else if let coded = quoted(24, in: text, at: place),
        let data = Data(base64Encoded: Data(coded)), data.count == 16,
        data.base64EncodedData().elementsEqual(coded)
      {
        marked.append(sampleMark)
        apart += data
        place += 26
      } else {
        marked.append(text[place])
        place += 1
      }
    }
    let frame = try Zstandard.compress(marked, level: 19, after: dictionary)
    var packed: [UInt8] = []
    UndoRecord.append(frame.count, to: &packed)
    return packed + frame + apart + check(of: text)
  }

  /// The text of a packed manifest.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  static func text(_ packed: [UInt8]) throws -> [UInt8] {
    var start = 0
    guard let count = try? UndoRecord.number(in: packed, at: &start, through: packed.count),
      count <= packed.count - start
    else { throw damaged }
    let marked = try Zstandard.decompress(
      Array(packed[start..<(start + count)]), atMost: largestText, after: dictionary)
    guard packed.count - start - count >= checkByteCount else { throw damaged }
    var apart = packed[(start + count)..<(packed.count - checkByteCount)]
    var text: [UInt8] = []
    text.reserveCapacity(marked.count + 3 * apart.count)
    for byte in marked {
      switch byte {
      case digestMark:
        guard apart.count >= 32 else { throw damaged }
        text.append(quote)
        text += apart.prefix(32).hexadecimal.utf8
        text.append(quote)
        apart = apart.dropFirst(32)
      case sampleMark:
        guard apart.count >= 16 else { throw damaged }
        text.append(quote)
        text += Data(apart.prefix(16)).base64EncodedData()
        text.append(quote)
        apart = apart.dropFirst(16)
      default: text.append(byte)
      }
    }
    guard apart.isEmpty, packed.suffix(checkByteCount).elementsEqual(check(of: text)) else {
      throw damaged
    }
    return text
  }

  /// What tells a damaged text.
  private static func check(of text: [UInt8]) -> [UInt8] {
    Array(SHA256.digest(of: text).prefix(checkByteCount))
  }

  /// So many bytes between quotes.
  private static func quoted(
    _ count: Int, in text: [UInt8], at place: Int
  ) -> ArraySlice<UInt8>? {
    guard text[place] == quote, place + count + 1 < text.count, text[place + count + 1] == quote
    else { return nil }
    return text[(place + 1)...(place + count)]
  }

  /// The bytes that lower-case digits stand for; nil where they are none.
  private static func bytes(ofDigits digits: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in digits {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      default: return nil
      }
      if let first = high { bytes.append(first << 4 | value) }
      high = high == nil ? value : nil
    }
    return bytes
  }

  private static var damaged: Diagnostic {
    Diagnostic(
      .badData, "its manifest cannot be read", remedy: "the file is damaged: take another copy")
  }
}
