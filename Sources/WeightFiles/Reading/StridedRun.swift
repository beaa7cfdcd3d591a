import Archives
import Support
import Tensors

/// Elements of a file that lie apart from each other, read range by range in row-major order.
///
/// What is held while a range is read grows with the range and with what the file stores, never with
/// what the tensor claims: a view of one element repeated a thousand million times is read like any
/// other.
struct StridedRun: Sendable {
  /// The file.
  let file: OpenFile
  /// Where the first element begins.
  let offset: Int
  /// How the elements lie from there on.
  let geometry: StridedGeometry

  /// An extent that is at most so many times as large as its elements is read as a whole.
  static let wastedRatio = 4
  /// The largest extent that is read at once of elements that lie further apart.
  private static let windowByteCount = 8 << 20
  /// It is cheaper to read what lies between two elements than to seek, up to this distance.
  private static let seekByteCount = 64 << 10

  /// Checks that the elements lie in the file.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  init(_ file: OpenFile, offset: Int, geometry: StridedGeometry) throws {
    let (end, overflow) = offset.addingReportingOverflow(geometry.extentByteCount)
    guard offset >= 0, !overflow, end <= file.byteCount else {
      throw Diagnostic(.badData, "its data lie beyond the end of the file")
    }
    self.file = file
    self.offset = offset
    self.geometry = geometry
  }

  /// Reads a range of the tensor's bytes, which begins and ends between elements.
  ///
  /// - Parameter target: memory of the range's size.
  /// - Throws: `Diagnostic`, without a location, where the file ends before.
  /// - Complexity: O(bytes of the range), and what lies between the elements where they are near each
  ///   other.
  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws {
    let size = geometry.elementByteCount
    var done = 0
    for box in geometry.boxes(of: (range.lowerBound / size)..<(range.upperBound / size)) {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: target[done..<(done + box.geometry.byteCount)])
      try gather(box.geometry, at: offset + box.offset * size, into: part)
      done += part.count
    }
  }

  /// Reads the whole extent where most of it is wanted; otherwise cuts the axis that reaches furthest,
  /// into its indices where they lie far apart.
  private func gather(
    _ box: StridedGeometry, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws {
    if box.byteCount == 0 { return }
    if box.isContiguous { return try file.read(into: buffer, at: offset) }
    let isDense =
      box.extentByteCount / StridedRun.wastedRatio <= max(box.byteCount, 16 << 10)
    let size = box.elementByteCount
    let long = box.shape.indices.filter { box.shape[$0] > 1 && box.strides[$0] > 0 }
    let reach = { (axis: Int) in (box.shape[axis] - 1) * box.strides[axis] }
    let widest = long.max { reach($0) < reach($1) }
    let step = widest.map { box.strides[$0] * size } ?? 0
    let isNear = step <= StridedRun.seekByteCount
    guard !isDense, !isNear || box.extentByteCount > StridedRun.windowByteCount, let axis = widest
    else {
      let extent = UnsafeMutableRawBufferPointer.allocate(
        byteCount: box.extentByteCount, alignment: 64)
      defer { extent.deallocate() }
      try file.read(into: extent, at: offset)
      return box.gather(from: UnsafeRawBufferPointer(extent), to: buffer)
    }
    // At most half of it, so that this ends.
    let half = (box.shape[axis] + 1) / 2
    let length = isNear ? max(1, min(half, StridedRun.windowByteCount / step)) : 1
    // A slice is spread over the box in runs: what lies behind the axis.
    let run = box.shape[(axis + 1)...].reduce(size, *)
    for start in stride(from: 0, to: box.shape[axis], by: length) {
      var shape = box.shape
      shape[axis] = min(length, box.shape[axis] - start)
      let slice = try StridedGeometry(
        shape: shape, strides: box.strides, elementByteCount: size)
      let part = UnsafeMutableRawBufferPointer.allocate(byteCount: slice.byteCount, alignment: 64)
      defer { part.deallocate() }
      try gather(slice, at: offset + start * step, into: part)
      let count = run * shape[axis]
      for position in 0..<(slice.byteCount / count) {
        let place = position * run * box.shape[axis] + start * run
        UnsafeMutableRawBufferPointer(rebasing: buffer[place..<(place + count)]).copyMemory(
          from: UnsafeRawBufferPointer(
            rebasing: part[(position * count)..<((position + 1) * count)]))
      }
    }
  }
}

extension StridedGeometry {
  /// How much is best read at once: more where the order in the file is another one, so that what lies
  /// between is read less often.
  var pieceByteCount: Int {
    let steps = shape.indices.filter { shape[$0] > 1 && strides[$0] > 0 }.map { strides[$0] }
    let isInOrder = zip(steps, steps.dropFirst()).allSatisfy { $0 >= $1 }
    // Whole elements, whatever their size.
    return (isInOrder ? 2 << 20 : 16 << 20) / elementByteCount * elementByteCount
  }

  /// A part of a tensor that is one run of it in row-major order, and a rectangle.
  struct Box {
    /// Its shape, with the tensor's strides.
    var geometry: StridedGeometry
    /// Elements from the tensor's first to its own, in the file.
    var offset: Int
  }

  /// The boxes that a range of elements in row-major order is made of, in order: at most two for each
  /// axis.
  func boxes(of range: Range<Int>) -> [Box] {
    var boxes: [Box] = []
    append(range, axis: 0, index: [], to: &boxes)
    return boxes
  }

  private func append(_ range: Range<Int>, axis: Int, index: [Int], to boxes: inout [Box]) {
    guard !range.isEmpty else { return }
    let offset = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
    let ones = Array(repeating: 1, count: index.count)
    guard axis < shape.count else {
      return add(ones, offset, to: &boxes)
    }
    // Elements of one index of the axis.
    let inner = shape[(axis + 1)...].reduce(1, *)
    let first = range.lowerBound / inner
    let last = (range.upperBound - 1) / inner
    func deeper(_ index0: Int, _ part: Range<Int>) {
      append(part, axis: axis + 1, index: index + [index0], to: &boxes)
    }
    let start = range.lowerBound - first * inner
    let end = range.upperBound - last * inner
    if first == last, start > 0 || end < inner { return deeper(first, start..<end) }
    let whole = (start > 0 ? first + 1 : first)..<(end < inner ? last : last + 1)
    if start > 0 { deeper(first, start..<inner) }
    if !whole.isEmpty {
      add(
        ones + [whole.count] + shape[(axis + 1)...], offset + whole.lowerBound * strides[axis],
        to: &boxes)
    }
    if end < inner { deeper(last, 0..<end) }
  }

  private func add(_ shape: [Int], _ offset: Int, to boxes: inout [Box]) {
    // A part of a geometry that was checked overflows nowhere.
    guard
      let geometry = try? StridedGeometry(
        shape: shape, strides: strides, elementByteCount: elementByteCount)
    else { return }
    boxes.append(Box(geometry: geometry, offset: offset))
  }
}
