/// What fills a file without a name as it is read: the contents of a compressed file, tensors whose
/// pieces lie in several files.
package protocol ContentFilling: Sendable {
  /// Makes a range of the contents available.
  ///
  /// - Parameters:
  ///   - range: the bytes; nil for all of them.
  ///   - target: the file, of the contents' size.
  /// - Throws: `Diagnostic` of code `badData` where what it is filled from is damaged.
  func fill(_ range: Range<Int>?, of target: Int32) throws
}
