import LinearAlgebra
import WeightFiles
import Support

extension SpectralLayer {
  /// Works on the layer while a budget, where there is one, has room for it.
  ///
  /// - Parameter files: whose tensors are read: one, or both of a comparison.
  /// - Throws: `Diagnostic` of code `failed` where the layer takes more than the whole budget, before any
  ///   memory is taken; what the work throws.
  func within<Result>(
    _ budget: MemoryBudget?, of files: [WeightFile], _ options: SpectrumOptions,
    _ work: () throws -> Result
  ) throws -> Result {
    guard let budget else { return try work() }
    try budget.check(byteCount(files.count, options, isSingular: false))
    let most = byteCount(files.count, options, isSingular: true)
    return try budget.withBytes(min(most, budget.byteCount), work)
  }

  /// How much memory the work takes: the tensors, a copy in the order of the matrices, and what the
  /// decomposition of one matrix takes (`SingularValues`).
  ///
  /// - Parameters:
  ///   - modelCount: 2 for a comparison, which holds both tensors and their difference.
  ///   - isSingular: whether LAPACK decides, which takes a matrix as Float64 and as much again. Such a
  ///     matrix is then worked on alone, whatever the budget.
  private func byteCount(_ modelCount: Int, _ options: SpectrumOptions, isSingular: Bool) -> Int {
    let matrix = Product(longSide) * Product(shortSide)
    let elements: Product
    let decomposition: Product
    if case .product = source {
      // Two factors, whose triangular parts alone are multiplied.
      let factors = (Product(longSide) + Product(shortSide)) * Product(rankBound)
      (elements, decomposition) = (factors, Product(16) * factors)
    } else {
      // A gate is a slice of its tensor, which is read whole.
      let slices = if case .slice(let shape, _, _) = source { shape } else { [sliceCount] }
      elements =
        slices.count > 1
        ? slices.reduce(Product(1)) { $0 * Product($1) }
        : matrix * Product(sliceCount)
      let number = options.precision == .double ? 8 : 4
      let gram = Product(number) * Product(shortSide) * Product(shortSide)
      decomposition = isSingular ? Product(16) * matrix + gram + gram : gram
    }
    let copies = (options.shuffles ? 3 : 2) + (modelCount > 1 ? 2 : 0)
    return (Product(4 * copies) * elements + decomposition).value
  }
}

/// A number of bytes or elements that ends at the largest one.
private struct Product {
  var value: Int

  init(_ value: Int) { self.value = value }

  static func * (one: Product, other: Product) -> Product {
    let (value, overflow) = one.value.multipliedReportingOverflow(by: other.value)
    return Product(overflow ? .max : value)
  }

  static func + (one: Product, other: Product) -> Product {
    let (value, overflow) = one.value.addingReportingOverflow(other.value)
    return Product(overflow ? .max : value)
  }
}
