package import Foundation

/// Makes safetensors files tensor by tensor, without the library that is tested.
package struct SafetensorsMaker {
  private var header: [String] = []
  private var data = Data()

  package init() {}

  /// Adds a tensor of Float32.
  package mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    add(name, shape, "F32", values.map(\.bitPattern))
  }

  /// Adds a tensor of a type of safetensors, by the bits of its elements.
  package mutating func add<Bits: FixedWidthInteger>(
    _ name: String, _ shape: [Int], _ type: String, _ elements: [Bits]
  ) {
    let begin = data.count
    for element in elements {
      withUnsafeBytes(of: element.littleEndian) { data.append(contentsOf: $0) }
    }
    header.append(
      #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(data.count)]}"#
    )
  }

  /// The file.
  package var file: Data {
    var text = "{\(header.joined(separator: ","))}"
    text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) }
      + Data(text.utf8) + data
  }
}
