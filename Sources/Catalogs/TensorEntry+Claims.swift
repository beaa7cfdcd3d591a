import Support

/// What a model's tensors may claim beyond what its file stores, in bytes, and how many times as much.
private let unstoredByteCount = 256 << 20
private let unstoredRatio = 16

extension Sequence<TensorEntry> {
  /// Refuses tensors that claim far more elements than their file stores, as views do of which one element
  /// stands for many: measuring them would take as long, and as much memory, as somebody likes.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  public func checkClaims() throws {
    var (claimed, stored) = (0, 0)
    for entry in self {
      claimed = claimed.addingReportingOverflow(entry.byteCount).partialValue
      stored = stored.addingReportingOverflow(try entry.backedByteCount()).partialValue
    }
    guard claimed &- stored > unstoredByteCount, claimed / unstoredRatio > stored else { return }
    throw Diagnostic(
      .badData,
      "its tensors claim \(ByteCount.rough(claimed)), and \(ByteCount.rough(stored)) are stored: "
        + "one element stands for many", remedy: "store every element (in PyTorch: .contiguous())")
  }
}
