import COneDNN

/// How many threads oneDNN uses for the work of the calling thread.
///
/// The limit belongs to the thread that sets it. Operations must be made and run under the same
/// limit, since the size of their scratch memory depends on it.
enum ThreadLimit {
  /// Runs `body` under a limit and puts the old one back.
  static func with<Result>(_ threads: Int, _ body: () throws -> Result) rethrows -> Result {
    let before = onednn_thread_count()
    let wanted = Int32(clamping: max(1, threads))
    if before == wanted { return try body() }
    onednn_set_thread_count(wanted)
    defer { onednn_set_thread_count(before) }
    return try body()
  }

  /// Calls `body` with 0 to `count` − 1, side by side on oneDNN's threads.
  static func each(_ count: Int, _ body: @Sendable (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var body = body
      withUnsafeMutablePointer(to: &body) {
        onednn_parallel(
          Int32(clamping: count),
          { context, index in
            context?.assumingMemoryBound(to: (@Sendable (Int) -> Void).self).pointee(Int(index))
          }, $0)
      }
    }
  }
}
