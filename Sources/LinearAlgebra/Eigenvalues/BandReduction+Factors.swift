extension BandReduction {
  /// W = A·V·T - ½·V·Tᵀ·Vᵀ·A·V·T, and it and V transposed.
  func formFactors(from first: Int) {
    let (vv, t) = (small.base + square, small.base + 2 * square)
    let (vay, middle) = (small.base + 3 * square, small.base + 4 * square)
    vv.update(repeating: 0, count: 4 * square)
    for block in first..<gram.blocks { multiply(.vectors, .vectors, of: block, into: vv) }
    triangularFactor(vv, into: t)
    for block in first..<gram.blocks {
      // What belongs to the last reflections has been used up.
      let y = record(block, .transposedVectors)
      y.update(repeating: 0, count: square)
      multiply(record(block, .products), t, into: y)
      multiply(.vectors, .transposedVectors, of: block, into: vay)
    }
    vv.update(repeating: 0, count: square)
    transpose(t, into: vv)
    multiply(vv, vay, into: middle)
    for index in 0..<square { middle[index] *= -0.5 }
    for block in first..<gram.blocks {
      let (v, w) = (record(block, .vectors), record(block, .transposedVectors))
      multiply(v, middle, into: w)
      transpose(w, into: record(block, .transposedFactors))
      transpose(v, into: w)
    }
  }

  /// T of the product of the reflections, 1 - V·T·Vᵀ, from Vᵀ·V and their own factors (Schreiber and
  /// Van Loan, 1989).
  private func triangularFactor(
    _ vv: UnsafePointer<Scalar>, into t: UnsafeMutablePointer<Scalar>
  ) {
    for column in 0..<side {
      let scale = small.base[column]
      for row in 0..<column {
        var sum: Scalar = 0
        for index in row..<column { sum += t[row * side + index] * vv[index * side + column] }
        t[row * side + column] = -scale * sum
      }
      t[column * side + column] = scale
    }
  }

  /// target += leftᵀ·right, of two parts of a record.
  private func multiply(
    _ left: Part, _ right: Part, of block: Int, into target: UnsafeMutablePointer<Scalar>
  ) {
    kernels.gram(
      record(block, left), record(block, right), target, side, target, record(block + 1, right))
  }

  /// target += left·right, all of them squares.
  private func multiply(
    _ left: UnsafePointer<Scalar>, _ right: UnsafePointer<Scalar>,
    into target: UnsafeMutablePointer<Scalar>
  ) {
    kernels.apply(left, right, right, target, target, true, left + square)
  }

  private func transpose(
    _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<side {
      for column in 0..<side { target[column * side + row] = source[row * side + column] }
    }
  }
}
