/// Where decoded elements go: bytes as they are stored, or numbers of Float32.
///
/// It may be shared because threads put ranges that do not overlap, and nobody reads before all are
/// done.
struct ElementSink: @unchecked Sendable {
  /// The memory of the caller: all elements.
  let target: UnsafeMutableRawBufferPointer
  /// The type of the stored elements, where they are converted to Float32; nil where they stay.
  let widenedType: ElementType?
  /// Whether stored elements have to be turned round before they are converted.
  let isBigEndian: Bool

  /// The memory itself where bytes go there as they are.
  var bytes: UnsafeMutableRawBufferPointer? { widenedType == nil ? target : nil }

  /// Puts a run of stored bytes.
  ///
  /// - Parameters:
  ///   - run: whole elements in memory that may be changed.
  ///   - offset: where the run begins among the stored bytes of the tensor.
  func put(_ run: UnsafeMutableRawBufferPointer, at offset: Int) {
    guard let type = widenedType else {
      UnsafeMutableRawBufferPointer(rebasing: target[offset..<(offset + run.count)])
        .copyMemory(from: UnsafeRawBufferPointer(run))
      return
    }
    if isBigEndian { reverseElementBytes(run, elementByteCount: type.byteCount) }
    let floats = target.bindMemory(to: Float.self)
    let first = offset / type.byteCount
    let range = first..<(first + run.count / type.byteCount)
    type.widen(UnsafeRawBufferPointer(run), to: UnsafeMutableBufferPointer(rebasing: floats[range]))
  }
}
