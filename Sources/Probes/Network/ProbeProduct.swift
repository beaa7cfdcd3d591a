import LinearAlgebra

/// The product of a branch's view of one model's matrix with probes, and its way back.
struct ProbeProduct<Scalar: BLASScalar> {
  private let stack: LayerStack<Scalar>
  private let base: UnsafePointer<Scalar>
  private let branch: ProbeBranch
  private let model: Int

  init(
    _ stack: LayerStack<Scalar>, _ base: UnsafePointer<Scalar>, _ branch: ProbeBranch, _ model: Int
  ) {
    self.stack = stack
    self.base = base
    self.branch = branch
    self.model = model
  }

  /// `response ← view(X)·probes`.
  func multiply(_ probes: MatrixView<Scalar>, into response: MutableMatrixView<Scalar>) {
    product(probes, transposingFirst: !branch.beginsPlain, into: response, keeping: 0)
  }

  /// `gradient ← gradient + view(X)ᵀ·change`: what a change of the response says of the probes.
  func multiplyBack(_ change: MatrixView<Scalar>, into gradient: MutableMatrixView<Scalar>) {
    // A Gram matrix is its own transpose.
    let transposes = branch.isGram ? !branch.beginsPlain : branch.beginsPlain
    product(change, transposingFirst: transposes, into: gradient, keeping: 1)
  }

  private func product(
    _ thin: MatrixView<Scalar>, transposingFirst: Bool, into result: MutableMatrixView<Scalar>,
    keeping: Scalar
  ) {
    let inner = (stack.rank ?? 0) * thin.columns
    let middle = branch.isGram ? (transposingFirst ? stack.columns : stack.rows) : 0
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: inner + middle * thin.columns + 1) {
      scratch in
      guard let scratch = scratch.baseAddress else { return }
      guard branch.isGram else {
        stack.multiply(
          model, of: base, transposing: transposingFirst, thin, into: result, keeping: keeping,
          scratch: scratch)
        return
      }
      let between = scratch + inner
      stack.multiply(
        model, of: base, transposing: transposingFirst, thin,
        into: MutableMatrixView(base: between, rows: middle, columns: thin.columns),
        scratch: scratch)
      stack.multiply(
        model, of: base, transposing: !transposingFirst,
        MatrixView(base: UnsafePointer(between), rows: middle, columns: thin.columns),
        into: result, keeping: keeping, scratch: scratch)
    }
  }
}
