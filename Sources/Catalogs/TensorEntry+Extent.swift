import Support
import Tensors

extension TensorEntry {
  /// A tensor that declares more bytes than this must store a thousandth of them (the rule that Keras
  /// applies since its shape-bomb advisories; deflate's best ratio is 1032).
  package static let trustedByteCount = 4 << 30
  /// The largest ratio of declared to stored bytes beyond that size.
  package static let trustedRatio = 1000

  /// The size of the elements.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, where the shape overflows.
  package func checkedByteCount() throws -> Int {
    guard let count = checkedProduct(shape + [elementType.byteCount]) else {
      throw Diagnostic(.badData, "its shape \(shape) overflows")
    }
    return count
  }

  /// The run of bytes of its part in which a contiguous, strided or quantised tensor lies; nil for
  /// others.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, where its shape overflows.
  package func extent() throws -> Range<Int>? {
    let offset: Int
    let count: Int
    switch layout {
    case .contiguous(let start): (offset, count) = (start, try checkedByteCount())
    case .strided(let start, let strides):
      offset = start
      count =
        try StridedGeometry(
          shape: shape, strides: strides, elementByteCount: elementType.byteCount
        ).extentByteCount
    case .quantised(let type, let start):
      guard elementType == .float32, let elements = checkedProduct(shape),
        let stored = type.byteCount(of: elements)
      else { throw Diagnostic(.badData, "its shape \(shape) does not fill blocks") }
      (offset, count) = (start, stored)
    case .negated: return try isNestedNegation ? nil : asStored.extent()
    case .chunked, .inline, .unallocated, .deflated: return nil
    }
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard offset >= 0, !overflow else { throw Diagnostic(.badData, "its offset overflows") }
    return offset..<end
  }

  /// How many of the tensor's bytes have bytes of their own in the file, compressed or not: fewer than
  /// `byteCount` where one stored element stands for many, or none is stored.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, where its shape overflows.
  public func backedByteCount() throws -> Int {
    let count = try checkedByteCount()
    switch layout {
    // Of a quantised tensor every element has bits of its own.
    case .contiguous, .inline, .quantised: return count
    case .negated: return isNestedNegation ? count : try asStored.backedByteCount()
    case .unallocated: return 0
    case .strided: return min(count, try extent()?.count ?? 0)
    case .chunked(let chunkShape, let chunks):
      let block = checkedProduct(chunkShape + [elementType.byteCount]) ?? count
      let (stored, overflow) = block.multipliedReportingOverflow(by: chunks.count)
      return overflow ? count : min(count, stored)
    case .deflated(let run, let inner):
      var plain = self
      plain.layout = inner
      return min(run.byteCount, try plain.backedByteCount())
    }
  }

  /// Checks what a parser says of a tensor against the size of the file that holds it.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  package func check(partByteCount: Int) throws {
    guard shape.count <= 64 else { throw Diagnostic(.badData, "it claims more than 64 axes") }
    let declared = try checkedByteCount()
    var stored = declared
    guard !isNestedNegation else { throw Diagnostic(.badData, "it is negated twice") }
    var inner = asStored
    var space = partByteCount
    if case .deflated(let run, let layout) = inner.layout {
      guard run.offset >= 0, run.storedByteCount >= 0, run.byteCount >= 0,
        run.offset <= space, run.storedByteCount <= space - run.offset
      else { throw Diagnostic(.badData, "its data lie beyond the end of the file") }
      guard run.byteCount / 1100 <= run.storedByteCount else {
        throw Diagnostic(
          .badData,
          "it claims to decompress \(run.storedByteCount) bytes to \(run.byteCount), which is absurd"
        )
      }
      switch layout {
      case .deflated: throw Diagnostic(.badData, "it is compressed twice")
      case .negated: throw Diagnostic(.badData, "it is negated within what is compressed")
      default: break
      }
      inner.layout = layout
      space = run.byteCount
    }
    if let extent = try inner.extent() {
      guard extent.upperBound <= space else {
        throw Diagnostic(
          .badData,
          "its data end at byte \(extent.upperBound), beyond the end of the file (\(space) bytes)",
          remedy: "the file is truncated or damaged: copy or download it again")
      }
      stored = extent.count
    }
    guard
      declared <= TensorEntry.trustedByteCount
        || declared / TensorEntry.trustedRatio <= stored
    else {
      throw Diagnostic(
        .badData, "it claims \(declared) bytes and stores \(stored), which is absurd")
    }
  }

  /// Whether the layout says twice that the elements are negated, which no parser does.
  private var isNestedNegation: Bool { isNegated && asStored.isNegated }
}
