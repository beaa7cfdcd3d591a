import COneDNN
import Support

/// One thing that a program does: an operation of oneDNN or a kernel of ours.
protocol Command: AnyObject {
  /// The buffers it touches.
  var buffers: [Buffer] { get }
  /// The scratch memory it needs while it runs.
  var scratchByteCount: Int { get }
  /// Makes it ready to run, once every buffer has its place.
  func prepare(scratch: Buffer) throws
  /// Runs it.
  func run(on stream: Stream) throws
}

/// An operation of oneDNN with the memory it works on.
final class PrimitiveCommand: Command {
  private let primitive: Primitive
  private var arguments: [(argument: Int32, form: Form)]
  private let scratch: DataLayout?
  private var call: OpaquePointer?

  /// Names the operation and what it works on.
  init(_ primitive: Primitive, _ arguments: [(onednn_argument, Form)]) {
    self.primitive = primitive
    self.arguments = arguments.map { (Int32($0.0.rawValue), $0.1) }
    scratch = primitive.optionalLayout(ONEDNN_SCRATCHPAD)
  }

  /// A sum of several tensors.
  init(sum primitive: Primitive, of sources: [Form], into destination: Form) {
    self.primitive = primitive
    arguments = sources.enumerated().map { (Int32(ONEDNN_SUMMAND.rawValue) + Int32($0), $1) }
    arguments.append((Int32(ONEDNN_DESTINATION.rawValue), destination))
    scratch = primitive.optionalLayout(ONEDNN_SCRATCHPAD)
  }

  deinit { if let call { onednn_call_destroy(call) } }

  var buffers: [Buffer] { arguments.map(\.form.buffer) }
  var scratchByteCount: Int { scratch?.byteCount ?? 0 }

  func prepare(scratch buffer: Buffer) throws {
    guard call == nil, let fresh = onednn_call_create(primitive.handle) else { return }
    call = fresh
    for (argument, form) in arguments {
      try check(onednn_call_bind(fresh, argument, form.layout.handle, form.buffer.base))
    }
    if let scratch {
      let argument = Int32(ONEDNN_SCRATCHPAD.rawValue)
      try check(onednn_call_bind(fresh, argument, scratch.handle, buffer.base))
    }
  }

  func run(on stream: Stream) throws {
    guard let call else { preconditionFailure("a command is run before it was prepared") }
    try check(onednn_call_run(call, stream.handle))
  }

  private func check(_ status: Int32) throws {
    guard status == 0 else {
      throw Diagnostic(.failed, "oneDNN failed with status \(status)")
    }
  }
}

/// A kernel of ours: a loop over plain memory.
final class KernelCommand: Command {
  let buffers: [Buffer]
  let scratchByteCount = 0
  private let body: () throws -> Void

  /// Names the memory and the loop.
  init(touching buffers: [Buffer], _ body: @escaping () throws -> Void) {
    self.buffers = buffers
    self.body = body
  }

  func prepare(scratch: Buffer) {}
  func run(on stream: Stream) throws { try body() }
}
