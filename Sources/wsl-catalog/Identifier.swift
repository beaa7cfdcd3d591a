import CHDF5
import Glibc

/// One owner of one identifier of libhdf5, of whatever kind: the reference is given back at the end
/// of its life.
struct Identifier: ~Copyable {
  /// The identifier itself.
  let raw: hid_t

  /// Takes over an identifier that a call of libhdf5 just returned.
  ///
  /// - Throws: `WorkerError` with libhdf5's reason, when the call failed.
  init(_ raw: hid_t) throws {
    guard raw >= 0 else { throw WorkerError.library() }
    self.raw = raw
  }

  deinit { H5Idec_ref(raw) }
}

/// Why the worker gives up on an object, or on the file.
struct WorkerError: Error {
  var message: String

  /// libhdf5's own reason for its last failure.
  static func library() -> WorkerError {
    var buffer = [CChar](repeating: 0, count: 256)
    let length = chdf5_take_error(&buffer, buffer.count)
    let text = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    let number = chdf5_take_write_error()
    if number != 0 {
      return WorkerError(message: "\(text): \(String(cString: strerror(number)))")
    }
    if text.contains("bad version number") {
      return WorkerError(
        message: "\(text): written for a newer HDF5 than 1.10 (write it with libver='v110')")
    }
    return WorkerError(message: text.isEmpty ? "libhdf5 gives no reason" : text)
  }
}

/// Checks the result of a call of libhdf5 that returns a status.
func check(_ status: herr_t) throws {
  guard status >= 0 else { throw WorkerError.library() }
}
