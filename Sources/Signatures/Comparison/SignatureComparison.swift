import Support

/// How alike signatures are: their cosines, over all tensors that they share and one by one.
public struct SignatureComparison: Sendable {
  /// The cosines of one tensor.
  public struct Tensor: Sendable {
    /// Its name.
    public var name: String
    /// The matrix; NaN where one of two signatures is zero there.
    public var cosines: [[Double]]
  }

  /// The cosines over all shared tensors.
  public let cosines: [[Double]]
  /// The tensors that all share, in the order of the first signature.
  public let tensors: [Tensor]
  /// For each signature the one that is nearest, and the cosine; nil where there is none.
  public let nearest: [(index: Int, cosine: Double)?]
  /// The tensors that not all have.
  public let unshared: [String]

  /// Compares signatures, tensor by tensor.
  ///
  /// - Throws: `Diagnostic` of code `badData` where they share no tensor that is added, or codes are
  ///   damaged.
  /// - Complexity: O(elements · signatures²).
  public init(_ signatures: [Signature], jobs: Int? = nil) throws {
    let count = signatures.count
    let lists = signatures.map { signature in
      signature.manifest.tensors.filter(\.kind.isAdded)
    }
    // Places in one architecture tell more than names, which may come from a counter.
    let hasPlaces =
      Set(signatures.map(\.manifest.architecture)).count == 1
      && lists.joined().allSatisfy { $0.place != nil }
    @Sendable func key(_ tensor: SignatureTensor) -> String {
      hasPlaces ? tensor.place.map(String.init) ?? "" : tensor.name
    }
    let tables = lists.map { list in
      Dictionary(list.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    }
    let first = lists.first ?? []
    let shared = first.filter { tensor in
      tables.allSatisfy { $0[key(tensor)]?.shape == tensor.shape }
    }
    guard !shared.isEmpty else {
      throw Diagnostic(
        .badData, "the signatures share no tensor",
        remedy: "compare signatures of one architecture")
    }
    let sharedKeys = Set(shared.map(key))
    unshared = NaturalOrder.sorted(
      Set(lists.joined().filter { !sharedKeys.contains(key($0)) }.map(\.name)))
    let products = try Parallel.map(count: shared.count, jobs: jobs) { index in
      let values = try signatures.indices.map { place in
        try signatures[place].values(of: tables[place][key(shared[index])] ?? shared[index])
      }
      return (0..<count).map { row in
        (0..<count).map { column in
          column < row ? 0 : zip(values[row], values[column]).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
    }
    tensors = zip(shared, products).map { tensor, sums in
      Tensor(name: tensor.name, cosines: SignatureComparison.cosines(sums))
    }
    var total = Array(repeating: Array(repeating: 0.0, count: count), count: count)
    for sums in products {
      for row in 0..<count {
        for column in row..<count { total[row][column] += sums[row][column] }
      }
    }
    let cosines = SignatureComparison.cosines(total)
    self.cosines = cosines
    nearest = (0..<count).map { row in
      (0..<count).filter { $0 != row && !cosines[row][$0].isNaN }
        .map { (index: $0, cosine: cosines[row][$0]) }
        .max { ($0.cosine, -$0.index) < ($1.cosine, -$1.index) }
    }
  }

  /// Cosines from the upper half of a matrix of products.
  private static func cosines(_ sums: [[Double]]) -> [[Double]] {
    sums.indices.map { row in
      sums.indices.map { column in
        let product = column < row ? sums[column][row] : sums[row][column]
        let norms = (sums[row][row] * sums[column][column]).squareRoot()
        return norms > 0 ? min(1, max(-1, product / norms)) : .nan
      }
    }
  }
}
