package import Tensors

/// Where decoded elements go: bytes as they are stored, or numbers of Float32.
///
/// It may be shared because threads put ranges that do not overlap, and nobody reads before all are
/// done.
package struct ElementSink: @unchecked Sendable {
  /// The memory of the caller: all elements, or a window of them.
  package let target: UnsafeMutableRawBufferPointer
  /// The type of the stored elements, where they are converted to Float32; nil where they stay.
  package let widenedType: ElementType?
  /// Whether stored elements have to be turned round before they are converted.
  package let isBigEndian: Bool

  /// Where the memory begins among the stored bytes of the tensor, where it is only a window of them.
  private let windowStart: Int?

  /// Puts elements into memory for all of them.
  package init(target: UnsafeMutableRawBufferPointer, widenedType: ElementType?, isBigEndian: Bool)
  {
    self.target = target
    self.widenedType = widenedType
    self.isBigEndian = isBigEndian
    windowStart = nil
  }

  /// Puts stored bytes into memory for a range of them; what lies beside it is left out.
  package init(window: UnsafeMutableRawBufferPointer, from start: Int) {
    target = window
    (widenedType, isBigEndian, windowStart) = (nil, false, start)
  }

  /// The memory itself where all bytes go there as they are.
  package var bytes: UnsafeMutableRawBufferPointer? {
    widenedType == nil && windowStart == nil ? target : nil
  }

  /// The memory of a range of the tensor's stored bytes, where all of it goes there as it is.
  func memory(of run: Range<Int>) -> UnsafeMutableRawBufferPointer? {
    guard widenedType == nil else { return nil }
    let start = windowStart ?? 0
    guard start <= run.lowerBound, run.upperBound - start <= target.count else { return nil }
    return UnsafeMutableRawBufferPointer(
      rebasing: target[(run.lowerBound - start)..<(run.upperBound - start)])
  }

  /// Puts a run of stored bytes.
  ///
  /// - Parameters:
  ///   - run: whole elements in memory that may be changed.
  ///   - offset: where the run begins among the stored bytes of the tensor.
  package func put(_ run: UnsafeMutableRawBufferPointer, at offset: Int) {
    if let windowStart {
      let first = max(offset, windowStart)
      let end = min(offset + run.count, windowStart + target.count)
      guard first < end else { return }
      UnsafeMutableRawBufferPointer(
        rebasing: target[(first - windowStart)..<(end - windowStart)]
      ).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: run[(first - offset)..<(end - offset)]))
      return
    }
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
