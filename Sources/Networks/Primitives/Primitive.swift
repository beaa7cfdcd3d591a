import COneDNN
import Support

/// A compiled operation: the owner of one primitive of oneDNN.
final class Primitive {
  /// The C handle.
  let handle: OpaquePointer
  private let name: String

  /// Compiles an operation.
  ///
  /// - Parameters:
  ///   - name: the operation, for errors.
  ///   - make: calls the shim's maker; the status goes where its argument points.
  init(_ name: String, _ make: (UnsafeMutablePointer<Int32>) -> OpaquePointer?) throws {
    var status: Int32 = 0
    guard let handle = make(&status) else {
      throw Diagnostic(
        .failed, "oneDNN \(Primitive.libraryVersion) cannot build a \(name) (status \(status))",
        remedy: "this combination of shape and parameters is not supported")
    }
    self.handle = handle
    self.name = name
  }

  deinit { onednn_primitive_destroy(handle) }

  /// The version of oneDNN in use, as `2.6.3`.
  static var libraryVersion: String {
    let version = Int(onednn_version())
    return "\(version / 10_000).\(version / 100 % 100).\(version % 100)"
  }

  /// The layout that the operation wants for an argument.
  ///
  /// - Parameter shape: the argument's logical shape.
  func layout(_ argument: onednn_argument, shape: [Int]) throws -> DataLayout {
    guard let layout = onednn_primitive_layout(handle, argument) else {
      throw Diagnostic(.failed, "oneDNN's \(name) has no layout for an argument it was built with")
    }
    return DataLayout(owning: layout, shape: shape)
  }

  /// The layout of an argument that the operation may not have: workspace, scratch memory.
  func optionalLayout(_ argument: onednn_argument) -> DataLayout? {
    guard let layout = onednn_primitive_layout(handle, argument) else { return nil }
    let owned = DataLayout(owning: layout, shape: [])
    return owned.byteCount == 0 ? nil : owned
  }
}

/// Where operations run: the owner of one stream of oneDNN.
final class Stream {
  /// The C handle.
  let handle: OpaquePointer

  /// Makes a stream on the processor.
  init() throws {
    guard let handle = onednn_stream_create() else {
      throw Diagnostic(.failed, "oneDNN could not start", remedy: "run \(action: .doctor)")
    }
    self.handle = handle
  }

  deinit { onednn_stream_destroy(handle) }
}
