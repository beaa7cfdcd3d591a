import LinearAlgebra

/// The pass over small matrices: a piece of the batch at a time, its models side by side in one product.
///
/// Responses of a piece lie as [probes, models, points]: then probes times views is one product, and so is
/// each step that follows, forward and back.
extension ProbePass {
  /// The responses of all branches to the models of a piece, and their projections.
  ///
  /// - Returns: for each model of the piece the deviation of each response.
  func respondTogether(
    to piece: Range<Int>, of batch: [Int], _ views: ProbeViews<Scalar>,
    _ parameters: UnsafePointer<Scalar>, _ blocks: [ProbeNetworkShape.Block]
  ) -> [[Scalar]] {
    let (probes, projections) = (shape.probeCount, shape.projectionCount)
    var deviations = [[Scalar]](
      repeating: Array(repeating: 1, count: shape.branches.count), count: piece.count)
    for index in shape.branches.indices {
      let (u, v) = (blocks[2 * index], blocks[2 * index + 1])
      let (points, inputs) = views.size(of: index)
      let width = piece.count * points
      let seen = gathered(index, piece, views)
      views.gather(batch[piece], index, into: seen)
      let response = responses(index, piece, points)
      BLAS.multiply(
        MatrixView(base: parameters + u.offset, rows: inputs, columns: probes),
        transposingLeft: true,
        MatrixView(base: UnsafePointer(seen), rows: width, columns: inputs), transposingRight: true,
        into: MutableMatrixView(base: response, rows: probes, columns: width))
      if shape.standardises {
        let scale = ResponseScale(rows: probes, columns: points, rowStride: width)
        for at in 0..<piece.count {
          deviations[at][index] = scale.standardise(response + at * points)
        }
      }
      let rows = probes * piece.count
      let scratch = scratch(of: piece)
      BLAS.multiply(
        MatrixView(base: UnsafePointer(response), rows: rows, columns: points),
        MatrixView(base: parameters + v.offset, rows: projections, columns: points),
        transposingRight: true,
        into: MutableMatrixView(base: scratch, rows: rows, columns: projections))
      eachRow(of: piece, index) { row, place in
        (projected + place).update(from: scratch + row * projections, count: projections)
      }
    }
    if shape.rectifies {
      Rectifier.apply(
        projected + piece.lowerBound * shape.flatCount, count: piece.count * shape.flatCount)
    }
    return deviations
  }

  /// Adds what the models of a piece say of probes and projections.
  ///
  /// - Parameter changes: the gradients of the projected responses, a row for each model of the piece; they
  ///   are changed.
  func learnTogether(
    from piece: Range<Int>, _ views: ProbeViews<Scalar>, _ parameters: UnsafePointer<Scalar>,
    _ blocks: [ProbeNetworkShape.Block], _ changes: UnsafeMutablePointer<Scalar>,
    into sums: UnsafeMutablePointer<Scalar>
  ) {
    let (probes, projections) = (shape.probeCount, shape.projectionCount)
    let rows = probes * piece.count
    let first = piece.lowerBound * shape.flatCount
    if shape.rectifies {
      Rectifier.turnBack(
        changes, rectified: UnsafePointer(projected + first), count: piece.count * shape.flatCount)
    }
    let lent = scratch(of: piece)
    let back = lent + rows * projections
    for index in shape.branches.indices {
      let (u, v) = (blocks[2 * index], blocks[2 * index + 1])
      let (points, inputs) = views.size(of: index)
      let width = piece.count * points
      let response = UnsafePointer(responses(index, piece, points))
      eachRow(of: piece, index) { row, place in
        (lent + row * projections).update(from: changes + (place - first), count: projections)
      }
      let change = MatrixView(base: UnsafePointer(lent), rows: rows, columns: projections)
      BLAS.multiply(
        change, transposingLeft: true, MatrixView(base: response, rows: rows, columns: points),
        into: MutableMatrixView(base: sums + v.offset, rows: projections, columns: points),
        keeping: 1)
      BLAS.multiply(
        change, MatrixView(base: parameters + v.offset, rows: projections, columns: points),
        into: MutableMatrixView(base: back, rows: rows, columns: points))
      if shape.standardises {
        let scale = ResponseScale(rows: probes, columns: points, rowStride: width)
        for at in 0..<piece.count {
          scale.turnBack(
            back + at * points, standardised: response + at * points,
            deviation: deviations[index][piece.lowerBound + at])
        }
      }
      BLAS.multiply(
        MatrixView(
          base: UnsafePointer(gathered(index, piece, views)), rows: width, columns: inputs),
        transposingLeft: true,
        MatrixView(base: UnsafePointer(back), rows: probes, columns: width),
        transposingRight: true,
        into: MutableMatrixView(base: sums + u.offset, rows: inputs, columns: probes), keeping: 1)
    }
  }

  /// The rows of a branch's projected responses in the order of a piece's responses, probe by probe and
  /// then model by model, each with its place among those of the batch.
  private func eachRow(
    of piece: Range<Int>, _ branch: Int, _ body: (_ row: Int, _ place: Int) -> Void
  ) {
    let (probes, projections) = (shape.probeCount, shape.projectionCount)
    let start = branch * probes * projections
    for probe in 0..<probes {
      for at in 0..<piece.count {
        body(
          probe * piece.count + at,
          (piece.lowerBound + at) * shape.flatCount + start + probe * projections)
      }
    }
  }

  /// Memory for the projected responses of a piece and their gradients.
  private func scratch(of piece: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    work.base + piece.lowerBound * workCount
  }

  private func gathered(
    _ branch: Int, _ piece: Range<Int>, _ views: ProbeViews<Scalar>
  ) -> UnsafeMutablePointer<Scalar> {
    let (points, inputs) = views.size(of: branch)
    return seen[branch].base + piece.lowerBound * points * inputs
  }

  private func responses(
    _ branch: Int, _ piece: Range<Int>, _ points: Int
  ) -> UnsafeMutablePointer<Scalar> {
    responses[branch].base + piece.lowerBound * points * shape.probeCount
  }
}
