/// An operator that tells of every product.
public struct ObservedOperator<Base: SymmetricOperator>: SymmetricOperator {
  private let base: Base
  private let observe: () -> Void

  /// Wraps an operator; `observe` is called after each product.
  public init(_ base: Base, _ observe: @escaping () -> Void) {
    self.base = base
    self.observe = observe
  }

  /// The number of rows.
  public var dimension: Int { base.dimension }

  /// The product with a vector.
  public func product(_ vector: [Double]) throws -> [Double] {
    defer { observe() }
    return try base.product(vector)
  }
}
