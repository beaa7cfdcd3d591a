import ModelGraph

/// Where units lie on one axis of one tensor.
struct UnitPlaces: Sendable, Hashable {
  /// The tensor's name.
  var tensor: String
  /// The axis.
  var axis: Int
  /// The first entry of every unit.
  var starts: [Int]
  /// The number of consecutive entries of each unit.
  var width: Int

  init(tensor: String, axis: Int, starts: [Int], width: Int = 1) {
    self.tensor = tensor
    self.axis = axis
    self.starts = starts
    self.width = width
  }

  init(_ slice: SymmetrySlice) {
    self.init(tensor: slice.tensor, axis: slice.axis, starts: slice.starts, width: slice.width)
  }

  /// The channels of one head.
  init(_ slice: AttentionSymmetry.Slice, head: Int, width: Int) {
    self.init(
      tensor: slice.tensor, axis: slice.axis,
      starts: Array(slice.starts[head]..<(slice.starts[head] + width)))
  }
}

/// The elements of a tensor, row-major, as blocks of units.
struct UnitBlocks: Sendable {
  /// The number of elements from one entry of the axis to the next.
  let inner: Int
  /// How often the axis begins anew.
  let outer: Int
  /// The entries of the axis.
  let length: Int
  /// The first entry of every unit.
  let starts: [Int]
  /// The consecutive elements of a unit.
  let block: Int
  /// Whether the units follow each other without a space.
  private let isConsecutive: Bool

  /// Nil where the units do not lie in a tensor of that shape.
  init?(_ places: UnitPlaces, shape: [Int]) {
    guard shape.indices.contains(places.axis) else { return nil }
    inner = shape[(places.axis + 1)...].reduce(1, *)
    outer = shape[..<places.axis].reduce(1, *)
    length = shape[places.axis]
    starts = places.starts
    block = places.width * inner
    isConsecutive = zip(starts, starts.dropFirst()).allSatisfy { $1 == $0 + places.width }
    guard places.width > 0,
      starts.allSatisfy({ $0 >= 0 && $0 <= shape[places.axis] - places.width })
    else { return nil }
  }

  /// The first element of a unit.
  func offset(_ outer: Int, _ unit: Int) -> Int { (outer * length + starts[unit]) * inner }

  /// Rows of the matrix that a part of the tensor is, packed: with single elements a row for each
  /// beginning of the axis and a column for each unit, else a row for each unit.
  func pack<Scalar>(
    _ values: UnsafePointer<Scalar>, _ range: Range<Int>, into buffer: inout [Scalar]
  ) {
    buffer.removeAll(keepingCapacity: true)
    if isConsecutive, !starts.isEmpty {
      for outer in range {
        buffer.append(
          contentsOf: UnsafeBufferPointer(
            start: values + offset(outer, 0), count: block * starts.count))
      }
      return
    }
    for outer in range {
      for unit in starts.indices {
        buffer.append(
          contentsOf: UnsafeBufferPointer(start: values + offset(outer, unit), count: block))
      }
    }
  }

  /// The reverse of `pack`.
  func unpack<Scalar>(
    _ buffer: [Scalar], _ range: Range<Int>, into values: UnsafeMutablePointer<Scalar>
  ) {
    buffer.withUnsafeBufferPointer { buffer in
      guard var source = buffer.baseAddress else { return }
      if isConsecutive, !starts.isEmpty {
        let count = block * starts.count
        for outer in range {
          (values + offset(outer, 0)).update(from: source, count: count)
          source += count
        }
        return
      }
      for outer in range {
        for unit in starts.indices {
          (values + offset(outer, unit)).update(from: source, count: block)
          source += block
        }
      }
    }
  }

  /// Ranges of beginnings of the axis that are worked on together: many where units are single elements.
  var ranges: [Range<Int>] {
    let size = block == 1 ? max(1, (1 << 20) / max(1, starts.count)) : 1
    return stride(from: 0, to: outer, by: size).map { $0..<min(outer, $0 + size) }
  }
}
