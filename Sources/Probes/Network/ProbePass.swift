import LinearAlgebra
import Support

/// The memory of a pass of a probe network over a batch, and the pass to the representations.
///
/// Work is cut into pieces whose number depends on the batch alone, and sums are taken in the order of
/// the pieces: the numbers do not depend on how many threads there are.
///
/// Used by one pass at a time. Inside it threads write to places of their own.
final class ProbePass<Scalar: BLASScalar>: @unchecked Sendable {
  /// How many models are looked at at once where nothing is learned.
  static var evaluated: Int { 64 }
  /// The most pieces that a batch is cut into.
  static var pieceCount: Int { 16 }
  /// How many small models are worth a product of their own, at least.
  private static var together: Int { 32 }

  let shape: ProbeNetworkShape
  private let capacity: Int
  /// The responses of each branch and model, [points, probes], standardised where the shape says so.
  private(set) var responses: [Buffer] = []
  /// What the branches see of the models of a batch, where models are taken together.
  private(set) var seen: [Buffer] = []
  /// Memory of the steps between, for each model of a batch that is taken together.
  private(set) var work = Buffer(0)
  private(set) var workCount = 0
  /// The views of all models, where they are small; nil takes each model alone.
  let views: ProbeViews<Scalar>?
  /// The deviations by which they were divided.
  private(set) var deviations: [[Scalar]] = []
  private let flat: Buffer
  private let encoded: Buffer

  /// Elements that threads write to, each in its own place.
  final class Buffer: @unchecked Sendable {
    let base: UnsafeMutablePointer<Scalar>
    private let count: Int
    init(_ count: Int) {
      self.count = max(1, count)
      base = .allocate(capacity: self.count)
      base.initialize(repeating: 0, count: self.count)
    }
    deinit {
      base.deinitialize(count: count)
      base.deallocate()
    }
  }

  /// Takes memory for batches of up to `capacity` models.
  ///
  /// - Parameter views: what the branches see of all models of the stack; nil computes it model by model.
  init(_ shape: ProbeNetworkShape, capacity: Int, views: ProbeViews<Scalar>? = nil) {
    self.shape = shape
    self.capacity = capacity
    self.views = views
    if let views {
      for index in shape.branches.indices {
        let (points, inputs) = views.size(of: index)
        seen.append(Buffer(capacity * points * inputs))
        workCount = max(workCount, shape.probeCount * (shape.projectionCount + points))
      }
      work = Buffer(capacity * workCount)
    }
    for branch in shape.branches {
      let points = branch.pointCount(rows: shape.rows, columns: shape.columns)
      responses.append(Buffer(capacity * points * shape.probeCount))
      deviations.append(Array(repeating: 0, count: capacity))
    }
    flat = Buffer(capacity * shape.flatCount)
    encoded = Buffer(capacity * shape.representationCount)
  }

  /// The representations of the last batch, a row for each model.
  var representations: UnsafeMutablePointer<Scalar> { encoded.base }
  /// The projected responses of the last batch, a row for each model.
  var projected: UnsafeMutablePointer<Scalar> { flat.base }

  /// The response of a branch to a model of the batch.
  func response(_ branch: Int, _ at: Int) -> MutableMatrixView<Scalar> {
    let points = shape.branches[branch].pointCount(rows: shape.rows, columns: shape.columns)
    return MutableMatrixView(
      base: responses[branch].base + at * points * shape.probeCount, rows: points,
      columns: shape.probeCount)
  }

  /// The pieces of a batch: ranges of about the same length, at most `pieceCount`.
  static func pieces(of count: Int) -> [Range<Int>] {
    let length = max(1, (count + pieceCount - 1) / pieceCount)
    return stride(from: 0, to: count, by: length).map { $0..<min(count, $0 + length) }
  }

  /// The pieces of a batch whose models are worked on together.
  func pieces(of count: Int) -> [Range<Int>] {
    guard views != nil else { return Self.pieces(of: count) }
    let length = max(Self.together, (count + Self.pieceCount - 1) / Self.pieceCount)
    return stride(from: 0, to: count, by: length).map { $0..<min(count, $0 + length) }
  }

  /// Computes the representations of a batch.
  ///
  /// - Complexity: for each model and branch 2·rows·columns·probes operations (twice that for a Gram
  ///   branch), 2·points·probes·projections, and 2·probes·projections·representations.
  func represent(
    _ batch: [Int], of stack: LayerStack<Scalar>, with parameters: [Scalar], jobs: Int?
  ) throws {
    precondition(batch.count <= capacity, "the batch must fit the memory that was taken")
    let blocks = shape.blocks
    let pieces = pieces(of: batch.count)
    try parameters.withUnsafeBufferPointer { parameters in
      try stack.values.withUnsafeBufferPointer { values in
        guard let first = parameters.baseAddress, let start = values.baseAddress else { return }
        nonisolated(unsafe) let own = first
        nonisolated(unsafe) let base = start
        let found = try Parallel.map(count: pieces.count, jobs: jobs) { piece in
          if let views {
            return self.respondTogether(to: pieces[piece], of: batch, views, own, blocks)
          }
          return pieces[piece].map { at in
            self.respond(to: batch[at], at: at, stack, base, own, blocks)
          }
        }
        for (at, deviations) in found.joined().enumerated() {
          for branch in deviations.indices { self.deviations[branch][at] = deviations[branch] }
        }
        try encode(batch.count, own, jobs: jobs)
      }
    }
  }

  /// The responses of all branches to one model, and their projections.
  ///
  /// - Returns: the deviation of each response.
  private func respond(
    to model: Int, at: Int, _ stack: LayerStack<Scalar>, _ base: UnsafePointer<Scalar>,
    _ parameters: UnsafePointer<Scalar>, _ blocks: [ProbeNetworkShape.Block]
  ) -> [Scalar] {
    let (probes, projections) = (shape.probeCount, shape.projectionCount)
    return shape.branches.indices.map { index in
      let branch = shape.branches[index]
      let (u, v) = (blocks[2 * index], blocks[2 * index + 1])
      let response = response(index, at)
      ProbeProduct(stack, base, branch, model).multiply(
        MatrixView(base: parameters + u.offset, rows: u.shape[0], columns: probes), into: response)
      var deviation: Scalar = 1
      if shape.standardises {
        let scale = ResponseScale(rows: response.rows, columns: probes, rowStride: probes)
        deviation = scale.standardise(response.base)
      }
      let place = flat.base + at * shape.flatCount + index * probes * projections
      BLAS.multiply(
        MatrixView(base: response.base, rows: response.rows, columns: probes),
        transposingLeft: true,
        MatrixView(base: parameters + v.offset, rows: projections, columns: response.rows),
        transposingRight: true,
        into: MutableMatrixView(base: place, rows: probes, columns: projections))
      if shape.rectifies { Rectifier.apply(place, count: probes * projections) }
      return deviation
    }
  }

  /// `encoded ← flat·Mᵀ + b`, a few rows of M at a time.
  private func encode(_ count: Int, _ parameters: UnsafePointer<Scalar>, jobs: Int?) throws {
    let (kernel, bias) = shape.encoder
    let width = shape.representationCount
    let pieces = Self.pieces(of: width)
    nonisolated(unsafe) let parameters = parameters
    try Parallel.forEach(count: pieces.count, jobs: jobs) { index in
      let piece = pieces[index]
      let place = encoded.base + piece.lowerBound
      for row in 0..<count {
        for column in 0..<piece.count {
          place[row * width + column] = parameters[bias.offset + piece.lowerBound + column]
        }
      }
      BLAS.multiply(
        MatrixView(base: UnsafePointer(flat.base), rows: count, columns: shape.flatCount),
        MatrixView(
          base: parameters + kernel.offset + piece.lowerBound * shape.flatCount,
          rows: piece.count, columns: shape.flatCount),
        transposingRight: true,
        into: MutableMatrixView(base: place, rows: count, columns: piece.count, rowStride: width),
        keeping: 1)
    }
  }
}
