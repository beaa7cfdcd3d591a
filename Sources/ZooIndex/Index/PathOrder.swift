/// The order in which models are listed: that of their paths, with numbers by their values, so that
/// checkpoints come in the order of their steps.
enum PathOrder {
  /// A text whose bytes sort as the path with its numbers does: `checkpoint-500` before
  /// `checkpoint-1000`, `seed9` before `seed10`.
  ///
  /// A number is written behind how many digits it has. Digits behind a number and a point are a
  /// fraction, which sorts as it is: `lr0.05` before `lr0.1`. Paths that differ only in zeros before a
  /// number have the same key.
  ///
  /// - Complexity: O(length).
  static func key(_ path: String) -> String {
    let bytes = Array(path.utf8)
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    var key: [UInt8] = []
    key.reserveCapacity(bytes.count + 8)
    var place = 0
    while place < bytes.count {
      guard isDigit(bytes[place]) else {
        key.append(bytes[place])
        place += 1
        continue
      }
      let end = bytes[place...].firstIndex { !isDigit($0) } ?? bytes.count
      let isFraction =
        place > 1 && bytes[place - 1] == UInt8(ascii: ".") && isDigit(bytes[place - 2])
      if !isFraction {
        let number = bytes[place..<end].drop { $0 == 0x30 }
        // Of nine digits and more, nines say that more follow: 90 is nine, 91 ten.
        key += Array(repeating: 0x39, count: number.count / 9) + [0x30 + UInt8(number.count % 9)]
        key += number
      } else {
        key += bytes[place..<end]
      }
      place = end
    }
    return String(decoding: key, as: UTF8.self)
  }
}
