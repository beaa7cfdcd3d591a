/// What the isolated worker may use. It reads one file, which may be hostile.
public struct WorkerLimits: Sendable, Hashable {
  /// Bytes of address space.
  public var addressSpace: Int
  /// Seconds of processor time.
  public var processorSeconds: Int
  /// Seconds until it is ended, however busy.
  public var wallSeconds: Double
  /// The longest answer, in bytes.
  public var answerByteCount: Int

  /// Makes limits. The defaults are far above what any sound file needs.
  public init(
    addressSpace: Int = 2 << 30, processorSeconds: Int = 60, wallSeconds: Double = 120,
    answerByteCount: Int = 512 << 20
  ) {
    self.addressSpace = addressSpace
    self.processorSeconds = processorSeconds
    self.wallSeconds = wallSeconds
    self.answerByteCount = answerByteCount
  }
}
