import Archives
import Catalogs
import Formats
import Support

extension TensorReader {
  /// Dequantises one run of blocks, in pieces that several threads take. Whatever is asked for is
  /// Float32.
  func readQuantised(into sink: ElementSink, jobs: Int?) throws {
    try entry.check(partByteCount: file.byteCount)
    guard let run = QuantisedRun(entry, in: file) else { return }
    let size = MemoryLayout<Float>.size
    let length = QuantisedRun.pieceCount * 16
    try forEachIndex(
      count: (entry.elementCount + length - 1) / length, jobs: jobs, workspace: { 0 }
    ) { [budget, count = entry.elementCount] _, piece in
      try Task.checkInterruption()
      let range = (piece * length)..<min(count, (piece + 1) * length)
      try within(budget, run.heldByteCount) {
        try run.read(
          range,
          into: UnsafeMutableRawBufferPointer(
            rebasing: sink.target[(range.lowerBound * size)..<(range.upperBound * size)]))
      }
    }
  }
}
