import Catalogs
import Foundation
import Support

/// What a container has no place of its own for: one JSON text under the key `wsl` (an attribute of
/// the root in HDF5, an entry of the metadata in safetensors, the member `__wsl__.json` of an .npz).
/// A conversion back puts everything where it was.
struct ContentsMetadata: Codable, Equatable {
  /// An attribute, under the name of its kind.
  struct Value: Codable, Equatable {
    var string: String?
    var strings: [String]?
    var numbers: [Double]?
  }

  /// The version of this layout.
  var version = 1
  /// The names of the tensors in the model's order, where the container has another.
  var order: [String]?
  /// The names of tensors by the names under which they are stored, where these differ.
  var names: [String: String]?
  /// Groups of HDF5.
  var groups: [String]?
  /// Further names, with the names under which the objects are listed.
  var aliases: [String: String]?
  /// Attributes by object path, then by name.
  var attributes: [String: [String: Value]]?
  /// Documents, in base 64.
  var documents: [String: Data]?

  /// The key, and the attribute's name.
  static let key = "wsl"
  /// The name of the member of an .npz.
  static let member = "__wsl__.json"
  private static let maximalByteCount = 256 << 20

  /// Whether there is nothing to say.
  var isEmpty: Bool { self == ContentsMetadata() }

  /// The JSON text; equal contents make equal bytes.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do { return Array(try encoder.encode(self)) } catch {
      throw Diagnostic(.failed, "the metadata cannot be written as JSON")
    }
  }

  /// Reads a text; nil where it is none of ours, and so an attribute like any other.
  init?(parsing bytes: [UInt8]) {
    guard bytes.count <= ContentsMetadata.maximalByteCount else { return nil }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let read = try? decoder.decode(ContentsMetadata.self, from: Data(bytes)),
      read.version == 1
    else { return nil }
    self = read
  }

  init() {}
}

extension ContentsMetadata.Value {
  init(_ attribute: Catalog.Attribute) {
    switch attribute {
    case .string(let text): string = text
    case .strings(let list): strings = list
    case .numbers(let list): numbers = list
    }
  }

  /// The attribute; nil where none is given.
  var attribute: Catalog.Attribute? {
    if let string { return .string(string) }
    if let strings { return .strings(strings) }
    return numbers.map { .numbers($0) }
  }
}
