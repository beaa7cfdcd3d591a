import CatalogWire
import Glibc

/// The worker's answer, buffered, on one descriptor.
struct Answer: ~Copyable {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Begins an answer with its preamble.
  init(descriptor: Int32) {
    self.descriptor = descriptor
    buffer.reserveCapacity(1 << 16)
    buffer.append(contentsOf: CatalogRecord.preamble)
  }

  /// Adds a record.
  mutating func send(_ record: CatalogRecord) {
    buffer.append(contentsOf: record.encoded())
    if buffer.count >= 1 << 16 { flush() }
  }

  /// Hands over what is buffered. The process ends where nobody takes it.
  mutating func flush() {
    guard writeAll(descriptor, buffer) else { exit(3) }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Writes all bytes to a descriptor.
func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
  var done = 0
  while done < bytes.count {
    let count = bytes.withUnsafeBytes { buffer in
      write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return false }
    done += count
  }
  return true
}
