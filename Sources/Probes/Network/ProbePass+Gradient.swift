import LinearAlgebra
import Support

extension ProbePass {
  /// The gradients of the parameters below the head, after `represent`.
  ///
  /// - Parameters:
  ///   - change: the gradients of the representations, a row for each model of the batch.
  ///   - gradient: the gradients of all parameters; those of the head stay.
  func learn(
    _ batch: [Int], of stack: LayerStack<Scalar>, with parameters: [Scalar],
    change: Matrix<Scalar>, into gradient: inout [Scalar], jobs: Int?
  ) throws {
    try gradient.withUnsafeMutableBufferPointer { gradient in
      try parameters.withUnsafeBufferPointer { parameters in
        try stack.values.withUnsafeBufferPointer { values in
          guard let own = parameters.baseAddress, let base = values.baseAddress,
            let target = gradient.baseAddress
          else { return }
          try learnEncoder(batch.count, change, into: target, jobs: jobs)
          try learnBranches(batch, stack, base, own, change, into: target, jobs: jobs)
        }
      }
    }
  }

  /// `dM ← changeᵀ·flat`, a few rows of M at a time.
  private func learnEncoder(
    _ count: Int, _ change: Matrix<Scalar>, into target: UnsafeMutablePointer<Scalar>, jobs: Int?
  ) throws {
    let (kernel, bias) = shape.encoder
    let width = shape.representationCount
    let pieces = Self.pieces(of: width)
    nonisolated(unsafe) let target = target
    try Parallel.forEach(count: pieces.count, jobs: jobs) { index in
      let piece = pieces[index]
      change.withView { change in
        BLAS.multiply(
          MatrixView(
            base: change.base + piece.lowerBound, rows: count, columns: piece.count,
            rowStride: width),
          transposingLeft: true,
          MatrixView(base: UnsafePointer(projected), rows: count, columns: shape.flatCount),
          into: MutableMatrixView(
            base: target + kernel.offset + piece.lowerBound * shape.flatCount, rows: piece.count,
            columns: shape.flatCount))
        for column in piece {
          var sum: Scalar = 0
          for row in 0..<count { sum += change.base[row * width + column] }
          target[bias.offset + column] = sum
        }
      }
    }
  }

  /// The gradients of probes and projections: each piece of the batch adds up its own, then the pieces
  /// are added in their order.
  private func learnBranches(
    _ batch: [Int], _ stack: LayerStack<Scalar>, _ base: UnsafePointer<Scalar>,
    _ parameters: UnsafePointer<Scalar>, _ change: Matrix<Scalar>,
    into target: UnsafeMutablePointer<Scalar>, jobs: Int?
  ) throws {
    let blocks = shape.blocks
    let length = shape.encoder.kernel.offset
    let pieces = pieces(of: batch.count)
    let sums = Buffer(pieces.count * length)
    nonisolated(unsafe) let base = base
    nonisolated(unsafe) let parameters = parameters
    nonisolated(unsafe) let target = target
    try Parallel.forEach(count: pieces.count, jobs: jobs) { index in
      let piece = pieces[index]
      let own = sums.base + index * length
      let (kernel, _) = self.shape.encoder
      let flat = self.shape.flatCount
      // What the representations say of the projected responses of the piece.
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: piece.count * flat) { changes in
        guard let changes = changes.baseAddress else { return }
        change.withView { change in
          BLAS.multiply(
            MatrixView(
              base: change.base + piece.lowerBound * change.columns, rows: piece.count,
              columns: change.columns),
            MatrixView(
              base: parameters + kernel.offset, rows: change.columns, columns: flat),
            into: MutableMatrixView(base: changes, rows: piece.count, columns: flat))
        }
        if let views = self.views {
          self.learnTogether(
            from: piece, views, parameters, blocks, changes, into: own)
          return
        }
        for (row, at) in piece.enumerated() {
          self.learn(
            batch[at], at: at, stack, base, parameters, blocks, changes + row * flat, into: own)
        }
      }
    }
    let ranges = Self.pieces(of: length)
    try Parallel.forEach(count: ranges.count, jobs: jobs) { index in
      for at in ranges[index] {
        var sum: Scalar = 0
        for piece in 0..<pieces.count { sum += sums.base[piece * length + at] }
        target[at] = sum
      }
    }
  }

  /// Adds what one model says of probes and projections.
  private func learn(
    _ model: Int, at: Int, _ stack: LayerStack<Scalar>, _ base: UnsafePointer<Scalar>,
    _ parameters: UnsafePointer<Scalar>, _ blocks: [ProbeNetworkShape.Block],
    _ changes: UnsafeMutablePointer<Scalar>, into sums: UnsafeMutablePointer<Scalar>
  ) {
    let (probes, projections) = (shape.probeCount, shape.projectionCount)
    let size = probes * projections
    for (index, branch) in shape.branches.enumerated() {
      let (u, v) = (blocks[2 * index], blocks[2 * index + 1])
      let change = changes + index * size
      let response = response(index, at)
      if shape.rectifies {
        let place = projected + at * shape.flatCount + index * size
        Rectifier.turnBack(change, rectified: UnsafePointer(place), count: size)
      }
      let lent = MatrixView(base: UnsafePointer(change), rows: probes, columns: projections)
      let seen = MatrixView(
        base: UnsafePointer(response.base), rows: response.rows, columns: probes)
      BLAS.multiply(
        lent, transposingLeft: true, seen, transposingRight: true,
        into: MutableMatrixView(base: sums + v.offset, rows: projections, columns: response.rows),
        keeping: 1)
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: response.rows * probes) { back in
        guard let back = back.baseAddress else { return }
        BLAS.multiply(
          MatrixView(base: parameters + v.offset, rows: projections, columns: response.rows),
          transposingLeft: true, lent, transposingRight: true,
          into: MutableMatrixView(base: back, rows: response.rows, columns: probes))
        if shape.standardises {
          let scale = ResponseScale(rows: response.rows, columns: probes, rowStride: probes)
          scale.turnBack(
            back, standardised: UnsafePointer(response.base), deviation: deviations[index][at])
        }
        ProbeProduct(stack, base, branch, model).multiplyBack(
          MatrixView(base: UnsafePointer(back), rows: response.rows, columns: probes),
          into: MutableMatrixView(base: sums + u.offset, rows: u.shape[0], columns: probes))
      }
    }
  }
}
