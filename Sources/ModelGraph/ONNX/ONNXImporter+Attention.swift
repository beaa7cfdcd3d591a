import Catalogs
import Support

/// Attention as exporters write it: products of queries with keys, factors and masks, Softmax, and the
/// product with the values, the heads divided by reshapes and transposes (Vaswani et al. 2017).
extension ONNXImporter {
  /// The product of two values.
  mutating func addProduct(
    _ node: ONNXGraph.Node, of left: ONNXValue, and right: ONNXValue
  ) throws -> ONNXValue {
    switch (left, right) {
    case (.view(let queries), .view(let keys)):
      guard queries.axes.count == keys.axes.count, queries.axes.count >= 3 else {
        throw ONNXRefusal("MatMul of two values")
      }
      return .scores(ONNXScores(queries: queries, keys: keys))
    case (.scores(let scores), .view(let values)) where scores.isWeighted:
      return .view(try addAttention(node, scores, values))
    default: throw ONNXRefusal("MatMul of two values")
    }
  }

  /// The heads of a value `[…, steps, width]` whose layer is `[steps, heads · width]`.
  private struct Heads {
    var count: Int
    /// Where the batch and the heads stand among the axes before the last two.
    var places: [[Bool]]
  }

  private func heads(_ view: ONNXView, steps: Int, width: Int) throws -> Heads {
    guard builder.shape(of: view.layer).count == 2, view.isWhole(steps, 0) else {
      throw ONNXRefusal("attention over what is no row of steps")
    }
    let channels = view.parts(ofLayerAxis: 1)
    let groups = view.axes.indices.filter { $0 != steps && $0 != width }.map { view.axes[$0] }
    let heads = groups.joined().filter { !$0.isBatch }
    guard heads.count <= 1, heads.allSatisfy({ $0.axis == 1 && $0.place == 0 }),
      Array(view.axes[width]) == Array(channels.dropFirst(heads.count)),
      view.axes[width].count <= 1
    else { throw ONNXRefusal("attention whose heads are not understood") }
    guard let count = heads.first.map({ $0.length.integer }) ?? 1 else {
      throw ONNXRefusal("attention whose heads are not known")
    }
    return Heads(count: count, places: groups.map { $0.map(\.isBatch) })
  }

  private mutating func addAttention(
    _ node: ONNXGraph.Node, _ scores: ONNXScores, _ values: ONNXView
  ) throws -> ONNXView {
    guard builder.channelOrder == .last else { throw ONNXRefusal("attention") }
    let rank = values.axes.count
    guard scores.queries.axes.count == rank, rank >= 3 else { throw ONNXRefusal("attention") }
    let queries = try heads(scores.queries, steps: rank - 2, width: rank - 1)
    let keys = try heads(scores.keys, steps: rank - 1, width: rank - 2)
    let own = try heads(values, steps: rank - 2, width: rank - 1)
    guard queries.count == keys.count, keys.count == own.count, queries.places == keys.places,
      keys.places == own.places, scores.queries.shape[rank - 1] == scores.keys.shape[rank - 2],
      scores.keys.shape[rank - 1] == values.shape[rank - 2]
    else { throw ONNXRefusal("attention whose heads do not fit each other") }
    if let obstacle = scores.obstacle {
      builder.cannotRun("node \(name(of: node)): \(obstacle)")
    }
    for mask in scores.masks { builder.hold(mask) }
    let layer = try builder.add(
      name(of: node),
      .attention(
        Attention(heads: queries.count, scale: scores.scale, isCausal: scores.isCausal)),
      inputs: [scores.queries.layer, scores.keys.layer, values.layer])
    var result = scores.queries.of(layer)
    result.mover = nil
    result.axes[rank - 1] = values.axes[rank - 1]
    return result.normalized
  }

  /// Products of queries and keys times a number, or with a mask.
  ///
  /// - Parameter count: how many of the node's inputs the data reach.
  mutating func addToScores(
    _ node: ONNXGraph.Node, _ scores: ONNXScores, _ count: Int
  ) throws -> ONNXScores {
    guard !scores.isWeighted, node.inputs.count == 2 else { throw ONNXRefusal(node.operation) }
    var result = scores
    let place = node.inputs.firstIndex { input in
      if case .scores? = values[input] { false } else { true }
    }
    guard let place else { throw ONNXRefusal(node.operation) }
    let other = node.inputs[place]
    if count == 1, let number = numbers[other]?.scalar, number.isFinite, number != 0 {
      switch node.operation {
      case "Mul": result.scale *= number
      case "Div" where place == 1: result.scale /= number
      // A mask added before would be multiplied, too.
      default: throw ONNXRefusal(node.operation)
      }
      guard scores.obstacle == nil, !scores.isCausal else { throw ONNXRefusal(node.operation) }
      return result
    }
    guard node.operation == "Add" else { throw ONNXRefusal(node.operation) }
    try mask(&result, with: other)
    return result
  }

  /// Notes a mask that is added, or that chooses.
  ///
  /// - Throws: `ONNXRefusal` where it is another for each head.
  private mutating func mask(_ scores: inout ONNXScores, with input: String) throws {
    switch values[input] {
    case .view(let view)?:
      guard view.axes.dropLast(2).allSatisfy({ $0.allSatisfy(\.isBatch) }),
        view.axes.suffix(2).allSatisfy({ !$0.contains(where: \.isBatch) })
      else {
        throw ONNXRefusal("a mask for each head")
      }
      scores.masks.append(view.layer)
      scores.obstacle = scores.obstacle ?? "a mask that is computed from the data"
    case nil:
      if commonNumber(input) == 0 { return }
      strays.append(input)
      if let known = numbers[input] {
        guard known.shape.dropLast(2).allSatisfy({ $0 == 1 }) else {
          throw ONNXRefusal("a mask for each head")
        }
        if isCausal(known, scores.shape) {
          scores.isCausal = true
          return
        }
      } else {
        guard let shape = weights[input]?.shape ?? source.shapes[input]?.map({ $0 ?? 0 }),
          shape.dropLast(2).allSatisfy({ $0 == 1 })
        else { throw ONNXRefusal("a mask for each head") }
      }
      scores.obstacle = scores.obstacle ?? "a mask that is not understood"
    default: throw ONNXRefusal("a mask that is not understood")
    }
  }

  /// Whether a mask that is added lets every step see itself and all before it, and nothing else.
  private func isCausal(_ mask: ONNXNumbers, _ shape: [ONNXAmount]) -> Bool {
    guard mask.shape.count >= 2, let list = mask.numbers else { return false }
    let (rows, columns) = (mask.shape[mask.shape.count - 2], mask.shape[mask.shape.count - 1])
    guard rows == columns, list.count == rows * columns,
      shape.suffix(2).allSatisfy({ $0.integer == rows })
    else { return false }
    return (0..<rows).allSatisfy { row in
      (0..<columns).allSatisfy { column in
        let value = list[row * columns + column]
        return column <= row ? value == 0 : value <= -1e4
      }
    }
  }

  /// Products of which some are replaced: a mask that chooses.
  mutating func addWhere(_ node: ONNXGraph.Node) throws -> ONNXScores {
    guard node.inputs.count == 3 else { throw ONNXRefusal(node.operation) }
    for place in [1, 2] {
      guard case .scores(var scores)? = values[node.inputs[place]], !scores.isWeighted,
        let other = numbers[node.inputs[3 - place]]?.scalar ?? uniform[node.inputs[3 - place]],
        other <= -1e4
      else { continue }
      // The condition is taken as a mask that is not understood; it may be another for each example.
      if values[node.inputs[0]] == nil, let known = numbers[node.inputs[0]],
        let condition = known.numbers,
        let mask = ONNXNumbers(
          shape: known.shape,
          condition.map { ONNXAmount(($0 != 0) == (place == 1) ? 0 : -.infinity) },
          isInteger: false), isCausal(mask, scores.shape),
        mask.shape.dropLast(2).allSatisfy({ $0 == 1 })
      {
        scores.isCausal = true
        return scores
      }
      try self.mask(&scores, with: node.inputs[0])
      return scores
    }
    throw ONNXRefusal(node.operation)
  }
}
