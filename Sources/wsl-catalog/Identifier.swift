import CatalogWire
import CHDF5
import Glibc

/// One owner of one identifier of libhdf5, of whatever kind: the reference is given back at the end
/// of its life.
struct Identifier: ~Copyable {
  /// The identifier itself.
  let raw: hid_t

  /// Takes over an identifier that a call of libhdf5 just returned.
  ///
  /// - Throws: `WorkerError` with libhdf5's reason, when the call failed, or something could not be
  ///   written.
  init(_ raw: hid_t) throws {
    self.raw = raw
    guard raw >= 0, chdf5_write_error() == 0 else { throw WorkerError.library() }
  }

  deinit { if raw >= 0 { H5Idec_ref(raw) } }

  /// Gives the identifier back before the end of its life: closing a file writes what is left.
  consuming func close() throws {
    let raw = raw
    discard self
    try check(H5Idec_ref(raw) < 0 ? -1 : 0)
  }
}

/// Why the worker gives up on an object, or on the file.
struct WorkerError: Error {
  var message: String

  /// libhdf5's own reason for its last failure.
  static func library() -> WorkerError {
    var buffer = [CChar](repeating: 0, count: 256)
    let length = chdf5_take_error(&buffer, buffer.count)
    let text = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    let number = chdf5_write_error()
    if number != 0 {
      let reason = String(cString: strerror(number))
      return WorkerError(message: CatalogRecord.unwritten + reason)
    }
    if text.contains("bad version number") {
      return WorkerError(
        message: "\(text): written for a newer HDF5 than 1.10 (write it with libver='v110')")
    }
    return WorkerError(message: text.isEmpty ? "libhdf5 gives no reason" : text)
  }
}

/// Checks the result of a call of libhdf5 that returns a status, and whether everything was written so
/// far.
func check(_ status: herr_t) throws {
  guard status >= 0, chdf5_write_error() == 0 else { throw WorkerError.library() }
}
