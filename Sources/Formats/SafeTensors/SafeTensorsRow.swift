package import Support
package import Tensors

extension SafeTensorsFile {
  /// One tensor of the header.
  package struct Row {
    package var name: String
    package var type: StoredType
    package var shape: [Int]
    package var begin: Int
    package var end: Int

    /// Reads a member of the header.
    ///
    /// - Throws: `Diagnostic` of code `badData`, without a location.
    package init(_ name: String, _ value: StrictJSON) throws {
      guard let members = value.members else { throw damaged("its entry is not an object") }
      for member in members where !["dtype", "shape", "data_offsets"].contains(member.name) {
        throw damaged("its entry has the unknown field \"\(member.name)\"")
      }
      guard let code = value["dtype"]?.string else { throw damaged("it has no dtype") }
      guard let lengths = value["shape"]?.array else { throw damaged("it has no shape") }
      let shape = lengths.compactMap(\.length)
      guard shape.count == lengths.count else {
        throw damaged("its shape has something else than lengths, or one that overflows")
      }
      let offsets = (value["data_offsets"]?.array ?? []).map(\.length)
      guard offsets.count == 2, let begin = offsets[0], let end = offsets[1] else {
        throw damaged("its data_offsets are not two numbers")
      }
      self.name = name
      self.type = StoredType(code)
      self.shape = shape
      self.begin = begin
      self.end = end
    }

    /// Checks that it follows what came before it without a gap, and has the size of its shape.
    package func check(after reached: Int) throws {
      guard end >= begin else { throw damaged("its data end before they begin") }
      guard begin == reached else {
        throw damaged(
          begin < reached
            ? "its data overlap those of another tensor"
            : "\(begin - reached) bytes before its data belong to no tensor")
      }
      guard let count = checkedProduct(shape) else { throw damaged("its shape \(shape) overflows") }
      // Of a type that is not known here the size is what the header says.
      guard let bitCount = type.bitCount else { return }
      guard let bits = checkedProduct([count, bitCount]) else {
        throw damaged("its shape \(shape) overflows")
      }
      guard bits % 8 == 0 else { throw damaged("its elements do not fill whole bytes") }
      guard bits / 8 == end - begin else {
        throw damaged("its shape takes \(bits / 8) bytes, and \(end - begin) are stored")
      }
    }
  }

  /// A type of elements, as the header names it.
  package struct StoredType {
    /// The name in the header.
    package var name: String
    /// The size of one element; nil of a type that is younger than this module.
    package var bitCount: Int?
    /// The type here, where it is read.
    package var elementType: ElementType?

    /// The type of that name.
    package init(_ name: String) {
      self.name = name
      elementType = ElementType(rawValue: name)
      switch name {
      case "F4": bitCount = 4
      case "F6_E2M3", "F6_E3M2": bitCount = 6
      case "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ": bitCount = 8
      case "C64": bitCount = 64
      default:
        bitCount = elementType.map { $0.byteCount * 8 }
      }
    }
  }
}
