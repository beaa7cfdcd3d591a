import Support

/// The stored bytes of one tensor, made in their order: what is compressed as one run, or in blocks
/// that are larger than memory allows, has no other. Used by one thread at a time.
package protocol ElementStream: AnyObject {
  /// Makes the next bytes: as many as the buffer holds.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, where the data are damaged.
  func next(into target: UnsafeMutableRawBufferPointer) throws
}
