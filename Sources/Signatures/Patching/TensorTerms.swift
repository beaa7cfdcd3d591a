import Support

/// Everything that a stack does to one tensor: `θ' = keep · θ + Σ`, in the order of the stack.
struct TensorTerms: Sendable {
  /// One signature's part in it.
  private struct Term {
    var signature: Signature
    var tensor: SignatureTensor
    /// What its values are multiplied by.
    var factor: Double
  }

  private let terms: [Term]
  /// The share of the old value that stays.
  let keep: Double

  /// Whether a signature names the tensor; one of strength zero, too.
  let isNamed: Bool

  /// Whether nothing is done.
  var isEmpty: Bool { terms.isEmpty }

  /// Finds what a stack does to a tensor.
  ///
  /// Signatures add α times their values. Where they take the place of others, the shares α of all of
  /// them are mixed with what is left of the old value; where they come to more than 1, they are
  /// divided by their sum, so that a mixture stays one.
  init(_ entries: [PatchStack.Entry], of name: String) {
    let found = entries.compactMap { entry -> Term? in
      guard let index = entry.tensors.firstIndex(of: name), entry.alpha != 0 else { return nil }
      return Term(
        signature: entry.signature, tensor: entry.signature.manifest.tensors[index],
        factor: entry.alpha)
    }
    isNamed = entries.contains { $0.tensors.contains(name) }
    let shares = found.reduce(0) { $0 + ($1.tensor.kind.isAdded ? 0 : $1.factor) }
    keep = max(0, 1 - shares)
    terms = found.map { term in
      guard !term.tensor.kind.isAdded, shares > 1 else { return term }
      var copy = term
      copy.factor /= shares
      return copy
    }
  }

  /// How many elements are best taken at once: few, that stay in the caches, unless the spaces for
  /// decompressed codes are shared.
  var blockCount: Int { terms.count <= TermSpaces.count ? 4096 : UndoRecord.pieceCount }

  /// Adds up what is added to some elements; -0 where nothing is.
  ///
  /// - Parameter first: the index of the first element.
  func sum(
    to sum: UnsafeMutableBufferPointer<Double>, from first: Int, _ spaces: inout TermSpaces
  ) throws {
    if terms.isEmpty { sum.update(repeating: -0.0) }
    for (index, term) in terms.enumerated() {
      try term.signature.addValues(
        of: term.tensor, to: sum, from: first, alpha: term.factor, overwrites: index == 0,
        &spaces[index])
    }
  }
}

/// Memory to decompress the codes of several signatures, one beside the other.
struct TermSpaces: ~Copyable {
  /// How many signatures have one of their own.
  static let count = 3
  private var first = PayloadSpace()
  private var second = PayloadSpace()
  private var third = PayloadSpace()

  /// The memory of a term; the fourth term shares that of the first, and so on.
  subscript(index: Int) -> PayloadSpace {
    _read {
      switch index % 3 {
      case 0: yield first
      case 1: yield second
      default: yield third
      }
    }
    _modify {
      switch index % 3 {
      case 0: yield &first
      case 1: yield &second
      default: yield &third
      }
    }
  }
}
