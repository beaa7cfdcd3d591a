import Archives
import CHDF5
import Support
import Synchronization

/// libhdf5 has one state for the whole process; all calls of it are made under this lock.
let libraryLock = Mutex<Void>(())

/// One owner of one identifier of libhdf5.
struct HDF5Handle: ~Copyable {
  /// The identifier.
  let raw: hid_t

  /// Takes over an identifier that a call just returned.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite` when the call failed, or something could not be
  ///   written.
  init(_ raw: hid_t) throws {
    self.raw = raw
    guard raw >= 0, chdf5_write_error() == 0 else { throw HDF5Handle.failure() }
  }

  deinit { if raw >= 0 { H5Idec_ref(raw) } }

  /// Checks the status of a call, and whether everything was written so far.
  static func check(_ status: herr_t) throws {
    guard status >= 0, chdf5_write_error() == 0 else { throw failure() }
  }

  /// Gives the identifier back before the end of its life: closing a file writes what is left.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  consuming func close() throws {
    let raw = raw
    discard self
    try HDF5Handle.check(H5Idec_ref(raw) < 0 ? -1 : 0)
  }

  /// libhdf5's reason for its last failure, and the system's, where there is one.
  static func failure() -> Diagnostic {
    let number = chdf5_take_write_error()
    var buffer = [CChar](repeating: 0, count: 256)
    let length = chdf5_take_error(&buffer, buffer.count)
    let text = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    if number != 0 {
      return Diagnostic(
        .cannotWrite, "cannot be written: \(systemMessage(number))",
        remedy: "make room and try again")
    }
    return Diagnostic(.cannotWrite, "libhdf5 cannot write it: \(text)")
  }
}
