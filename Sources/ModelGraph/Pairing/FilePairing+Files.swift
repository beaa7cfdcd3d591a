public import Catalogs
public import Support
import Tensors

extension FilePairing {
  /// Pairs the tensors of two files. Their weights are looked at only where names that somebody chose and
  /// the place of layers in the networks contradict each other.
  ///
  /// - Parameters:
  ///   - statement: what the user states about the networks.
  ///   - transposing: whether kernels without a graph may be laid [in, out] beside [out, in].
  /// - Throws: `Diagnostic`: of the description; `badData` where a tensor that is looked at is damaged.
  public init(
    _ a: some TensorStore, _ b: some TensorStore, statement: GraphStatement = .none,
    transposing: Bool = false
  ) throws {
    let graphs = try [a.catalog, b.catalog].map { catalog -> ModelGraph? in
      if statement.file != nil { return try ModelGraph(catalog, statement: statement) }
      return try? ModelGraph(catalog, statement: statement)
    }
    try self.init(
      a.catalog, b.catalog, graphs: (graphs[0], graphs[1]), transposing: transposing,
      likeness: { try FilePairing.likeness($0, in: a, $1, in: b) })
  }

  /// The cosine of two tensors as they are stored; nil where one is zero or not finite.
  public static func likeness(
    _ first: TensorEntry, in a: some TensorStore, _ second: TensorEntry, in b: some TensorStore
  ) throws -> Double? {
    let (x, y) = (try a.tensor(first).values, try b.tensor(second).values)
    guard x.count == y.count else { return nil }
    var (product, squares) = (0.0, (0.0, 0.0))
    for (one, other) in zip(x, y) {
      product += Double(one) * Double(other)
      squares.0 += Double(one) * Double(one)
      squares.1 += Double(other) * Double(other)
    }
    let norms = (squares.0 * squares.1).squareRoot()
    return norms > 0 && norms.isFinite && product.isFinite ? product / norms : nil
  }

  /// How many pairs were found in each way, but for none.
  public var counts: [(reason: Reason, count: Int)] {
    Reason.allCases.map { reason in (reason, pairs.count { $0.reason == reason }) }
      .filter { $0.count > 0 }
  }

  /// The error for files of which no tensor of floating-point numbers has a partner: names the two that
  /// are most likely meant.
  public static func nothingShared(_ a: Catalog, _ b: Catalog) -> Diagnostic {
    let floats = [a, b].map { $0.tensors.filter(\.elementType.isFloatingPoint) }
    let likely = likelyPair(floats[0], floats[1]).map { " (\($0) ↔ \($1)?)" } ?? ""
    return Diagnostic(
      .badData, "no tensor of the one has its name and shape in the other\(likely)",
      at: ["\(a.file) and \(b.file)"], remedy: "check that both hold models of one kind")
  }

  /// Two tensors of one shape whose names end in the same words, as many as any; else two whose names
  /// alone do.
  private static func likelyPair(
    _ first: [TensorEntry], _ second: [TensorEntry]
  ) -> (String, String)? {
    for countsShape in [true, false] {
      var best: (words: Int, names: (String, String))?
      var ends: [[String]: String] = [:]
      func suffixes(_ entry: TensorEntry) -> [[String]] {
        let words = NameWords(entry.name).words.suffix(8)
        return words.indices.map { start in
          Array(words[start...]) + (countsShape ? ["\(entry.shape)"] : [])
        }
      }
      for entry in second {
        for end in suffixes(entry) where ends[end] == nil { ends[end] = entry.name }
      }
      for entry in first {
        guard let end = suffixes(entry).first(where: { ends[$0] != nil }), let name = ends[end],
          end.count > best?.words ?? 0
        else { continue }
        best = (end.count, (entry.name, name))
      }
      if let best { return best.names }
    }
    return nil
  }
}
