import Foundation
import ModelGraph

extension ReferenceInterpreter {
  /// Attention by its definition: for every query a softmax over the keys that it may read.
  func attended(
    _ attention: Attention, _ layer: Layer, _ inputs: [ReferenceTensor], mask: ReferenceTensor?
  ) -> ReferenceTensor {
    guard let heads = attention.heads, let shared = attention.keyValueHeads else {
      return inputs[0]
    }
    let batch = inputs[0].shape[0]
    let width = inputs[0].shape.last.map { $0 / heads } ?? 0
    let depth = inputs[2].shape.last.map { $0 / shared } ?? 0
    let queries = inputs[0].shape.dropFirst().dropLast().reduce(1, *)
    let keys = inputs[1].shape.dropFirst().dropLast().reduce(1, *)
    let table = layer.parameter(.positionBias).flatMap { weights[$0.tensor] }
    var result = ReferenceTensor(zeros: inputs[0].shape.dropLast() + [heads * depth])
    func vector(_ input: ReferenceTensor, _ example: Int, _ step: Int, _ head: Int, _ size: Int)
      -> [Double]
    {
      let steps = input.shape.dropFirst().dropLast().reduce(1, *)
      let row = input.shape.last ?? 0
      let start = (example * steps + step) * row + head * size
      return Array(input.values[start..<start + size])
    }
    for example in 0..<batch {
      for head in 0..<heads {
        let group = head * shared / heads
        for query in 0..<queries {
          let q = turned(vector(inputs[0], example, query, head, width), attention.rotary, query)
          var scores: [(key: Int, score: Double)] = []
          for key in 0..<keys where reads(attention, query, key) {
            let k = turned(vector(inputs[1], example, key, group, width), attention.rotary, key)
            var score = zip(q, k).reduce(0) { $0 + $1.0 * $1.1 }
            score *= attention.scale ?? 1 / Double(width).squareRoot()
            if let cap = attention.softCap { score = cap * tanh(score / cap) }
            // Keras: what a mask leaves out is far below all others, and all alike for a query that it
            // leaves out.
            if let mask {
              if mask[[example, key]] == 0 { score -= 1e9 }
              if mask[[example, query]] == 0 { score = 0 }
            }
            if let offset = offset(
              attention, table, query, key, head, inputs[0].shape.dropFirst())
            {
              scores.append((key, score + offset))
            }
          }
          let top = scores.map(\.score).max() ?? 0
          scores = scores.map { ($0.key, $0.score - top) }
          let total = scores.reduce(0) { $0 + exp($1.score) }
          for (key, score) in scores {
            let v = vector(inputs[2], example, key, group, depth)
            let start = ((example * queries + query) * heads + head) * depth
            for channel in 0..<depth {
              result.values[start + channel] += exp(score) / total * v[channel]
            }
          }
        }
      }
    }
    return result
  }

  private func reads(_ attention: Attention, _ query: Int, _ key: Int) -> Bool {
    if attention.isCausal && key > query { return false }
    return attention.reach.map { abs(query - key) < $0 } ?? true
  }

  /// What is added to a product; nil where the two never meet.
  private func offset(
    _ attention: Attention, _ table: ReferenceTensor?, _ query: Int, _ key: Int, _ head: Int,
    _ shape: ArraySlice<Int>
  ) -> Double? {
    var result = 0.0
    if let windows = attention.windows {
      let (height, width) = (shape.first ?? 1, shape.dropFirst().first ?? 1)
      // Where a position is after the picture was rolled, and in which of its three bands.
      func rolled(_ place: Int, _ length: Int) -> (place: Int, band: Int) {
        let shift = length <= windows.size ? 0 : windows.shift
        let moved = (place - shift + length) % length
        if shift == 0 || moved < length - windows.size { return (moved, 0) }
        return (moved, moved < length - shift ? 1 : 2)
      }
      let a = [rolled(query / width, height), rolled(query % width, width)]
      let b = [rolled(key / width, height), rolled(key % width, width)]
      guard zip(a, b).allSatisfy({ $0.place / windows.size == $1.place / windows.size }) else {
        return nil
      }
      if zip(a, b).contains(where: { $0.band != $1.band }) { result -= 100 }
      if attention.bias == .window, let table {
        let span = 2 * windows.size - 1
        let places = zip(a, b).map {
          $0.place % windows.size - $1.place % windows.size + windows.size - 1
        }
        result += table[[places[0] * span + places[1], head]]
      }
    }
    switch attention.bias {
    case .none, .window: break
    case .linear:
      // The slopes for numbers of heads in the tests, from the paper's section 3.
      let slopes: [Int: [Double]] = [
        2: [1.0 / 16, 1.0 / 256], 3: [1.0 / 16, 1.0 / 256, 1.0 / 4],
        4: [1.0 / 4, 1.0 / 16, 1.0 / 64, 1.0 / 256],
      ]
      result -= (slopes[attention.heads ?? 0]?[head] ?? .nan) * Double(abs(query - key))
    case .buckets(let count, let longest, let isBidirectional):
      let side = isBidirectional ? count / 2 : count
      let length = isBidirectional ? abs(key - query) : max(0, query - key)
      var bucket = length
      if length >= side / 2 {
        let share = log(Double(length) / Double(side / 2)) / log(Double(longest) / Double(side / 2))
        bucket = min(side - 1, side / 2 + Int(share * Double(side - side / 2) + 1e-9))
      }
      if isBidirectional && key > query { bucket += side }
      result += table?[[bucket, head]] ?? .nan
    }
    return result
  }

  /// A head's channels, turned by a position.
  private func turned(_ values: [Double], _ rotary: Rotary?, _ position: Int) -> [Double] {
    guard let rotary else { return values }
    let width = rotary.width ?? values.count
    var result = values
    for plane in 0..<width / 2 {
      var frequency = pow(rotary.base, -2 * Double(plane) / Double(width))
      switch rotary.scaling {
      case .none: break
      case .linear(let factor): frequency /= factor
      case .bands(let factor, let low, let high, let context):
        let length = 2 * Double.pi / frequency
        if length > Double(context) / low {
          frequency /= factor
        } else if length >= Double(context) / high {
          let smooth = (Double(context) / length - low) / (high - low)
          frequency = (1 - smooth) * frequency / factor + smooth * frequency
        }
      }
      let angle = Double(position) * frequency
      let (a, b) =
        rotary.layout == .halves ? (plane, plane + width / 2) : (2 * plane, 2 * plane + 1)
      result[a] = values[a] * cos(angle) - values[b] * sin(angle)
      result[b] = values[a] * sin(angle) + values[b] * cos(angle)
    }
    return result
  }
}
