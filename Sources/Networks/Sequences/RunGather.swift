/// Copies runs of elements out of an example, in any order: parts of channels, windows, squares of
/// positions; and their gradients back.
struct RunGather: Sendable {
  /// Where each run begins in the source; the runs lie one after another in the result.
  let starts: [Int]
  /// The elements of a run.
  let runLength: Int
  /// The elements of an example of the source.
  let sourceCount: Int

  /// The elements of an example of the result.
  var count: Int { starts.count * runLength }

  /// Copies the runs of each of so many examples.
  func take(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, examples: Int
  ) {
    for example in 0..<examples {
      let from = source + example * sourceCount
      var into = target + example * count
      for start in starts {
        into.update(from: from + start, count: runLength)
        into += runLength
      }
    }
  }

  /// Copies the runs back to where they were; what no run covers becomes 0. No two runs may overlap.
  func put(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, examples: Int
  ) {
    for example in 0..<examples {
      let into = target + example * sourceCount
      if count != sourceCount { into.update(repeating: 0, count: sourceCount) }
      var from = source + example * count
      for start in starts {
        (into + start).update(from: from, count: runLength)
        from += runLength
      }
    }
  }
}
