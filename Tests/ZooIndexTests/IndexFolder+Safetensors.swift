import Foundation

extension IndexFolder {
  /// Writes a safetensors file of tensors of Float32, whose elements are all this number.
  func write(_ tensors: [String: [Int]], _ value: Float, to name: String) throws {
    var (rows, data): ([String], Data) = ([], Data())
    for (tensor, shape) in tensors.sorted(by: { $0.key < $1.key }) {
      let begin = data.count
      for _ in 0..<shape.reduce(1, *) {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
      }
      rows.append(
        #""\#(tensor)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(begin),\#(data.count)]}"#
      )
    }
    let header = "{\(rows.joined(separator: ","))}"
    let path = root + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    let count = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    try (count + Data(header.utf8) + data).write(to: URL(fileURLWithPath: path))
  }
}
