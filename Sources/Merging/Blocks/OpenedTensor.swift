import Catalogs
import CElements
import Support
import Tensors
import WeightFiles

/// One tensor of all models and of the base, open for reading.
struct OpenedTensor: Sendable {
  /// The tensor in the first model.
  let entry: TensorEntry
  /// The tensor in each model, and in the base after them where there is one.
  let inputs: [TensorRanges]
  /// What errors call the inputs.
  let names: [String]
  /// How many of the inputs are models.
  let modelCount: Int
  /// The threads' memory.
  let pool: WorkspacePool

  /// The number of elements.
  var count: Int { entry.elementCount }
  /// The place of the base among the inputs.
  var base: Int { modelCount }

  /// Reads a range and calls `body` for each block of it: the place of the block's first element, how
  /// many there are, and memory in which `block(i)` holds the elements of each wanted input.
  ///
  /// - Parameter wanted: the places of the inputs that are read.
  func forEachBlock(
    of range: Range<Int>, wanted: [Int], in workspace: MergeWorkspace,
    _ body: (Int, Int) throws -> Void
  ) throws {
    for begin in stride(from: range.lowerBound, to: range.upperBound, by: MergeWorkspace.readCount)
    {
      let end = min(range.upperBound, begin + MergeWorkspace.readCount)
      for input in wanted {
        let size = inputs[input].elementType.byteCount
        do {
          try inputs[input].read(
            begin..<end, into: workspace.stored(input, byteCount: (end - begin) * size))
        } catch let error as Diagnostic {
          throw error.inside(entry.name).inside(names[input])
        }
      }
      for first in stride(from: begin, to: end, by: MergeWorkspace.blockCount) {
        let count = min(MergeWorkspace.blockCount, end - first)
        for input in wanted {
          widen(input, at: first - begin, count: count, in: workspace)
        }
        try body(first, count)
      }
    }
  }

  /// Puts the elements of an input back into its block, while `forEachBlock` is at that block.
  func widenAgain(
    _ input: Int, at first: Int, count: Int, of range: Range<Int>, in workspace: MergeWorkspace
  ) {
    let place = (first - range.lowerBound) % MergeWorkspace.readCount
    widen(input, at: place, count: count, in: workspace)
  }

  private func widen(_ input: Int, at place: Int, count: Int, in workspace: MergeWorkspace) {
    let type = inputs[input].elementType
    let elements = workspace.stored(input, byteCount: (place + count) * type.byteCount)
    wsl_widen(
      type.kernelType, elements.baseAddress.map { $0 + place * type.byteCount },
      workspace.block(input), Int64(count))
  }

  /// The error for a block in which something is not finite.
  ///
  /// - Parameters:
  ///   - first: the place of the block's first element.
  ///   - wanted: the inputs that have been read.
  func notFinite(at first: Int, count: Int, wanted: [Int]) -> Diagnostic {
    let again = MergeWorkspace(inputCount: inputs.count)
    for input in wanted {
      var broken: Int?
      try? forEachBlock(of: first..<(first + count), wanted: [input], in: again) { start, count in
        let values = UnsafeBufferPointer(start: again.block(input), count: count)
        if broken == nil { broken = values.firstIndex { !$0.isFinite }.map { start + $0 } }
      }
      if let broken {
        return Diagnostic(
          .badData, "element \(broken) is not a finite number", at: [names[input], entry.name],
          remedy: "training has diverged, or the file is damaged: use an earlier checkpoint")
      }
    }
    return Diagnostic(
      .badData, "a merged number is too large for \(entry.elementType.rawValue)", at: [entry.name],
      remedy: "lower the scale or the weights")
  }
}
