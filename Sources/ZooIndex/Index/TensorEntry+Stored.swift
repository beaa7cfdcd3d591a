package import Catalogs

extension TensorEntry {
  /// The bytes that it takes in its files: those that are read to have it.
  package var readByteCount: Int {
    switch asStored.layout {
    case .contiguous, .strided: byteCount
    case .quantised: unfilteredByteCount
    case .chunked(_, let chunks): chunks.reduce(0) { $0 &+ $1.byteCount }
    case .inline(let bytes): bytes.count
    case .unallocated: 0
    case .deflated(let run, _): run.storedByteCount
    case .negated: 0  // Only around a layout that is none itself.
    }
  }
}
