import ModelGraph
import Tensors

/// How much each tensor counts in a search: as it is, or divided by its norms, so that a table of small
/// numbers which is normalised before it is read says as much as a large kernel.
struct TensorWeights {
  /// A part of a tensor that counts for itself: queries, keys and values that share a kernel are three.
  private struct Part {
    var places: UnitPlaces
    /// Of one kernel.
    var share: Double
    var weight: Double
  }

  private let parts: [Part]
  /// What all parts together can count for at most: their number, vectors by their share.
  let total: Double

  /// Divides every kernel and every table by its norms in both networks, so that its inner product becomes a
  /// cosine. Vectors, biases for one, count less: by their share of the largest part's elements, as one more
  /// column of a kernel would. Otherwise each would say as much as a kernel.
  ///
  /// - Parameter groups: of the network; all their slices count.
  init(cosinesOf a: Weights, _ b: Weights, groups: [SymmetryGroup]) {
    var places: [UnitPlaces] = []
    var known: Set<String> = []
    for attention in groups.flatMap(\.attentions) {
      let roles = [
        (attention.query, attention.headWidth), (attention.key, attention.headWidth),
        (attention.value, attention.valueWidth),
      ]
      for (slices, width) in roles {
        for slice in slices {
          places.append(
            UnitPlaces(
              tensor: slice.tensor, axis: slice.axis, starts: slice.starts, width: width))
          known.insert(slice.tensor)
        }
      }
    }
    for name in Set(groups.flatMap(\.slices).map(\.tensor)).subtracting(known).sorted() {
      guard let length = a[name]?.shape.first else { continue }
      places.append(UnitPlaces(tensor: name, axis: 0, starts: [0], width: length))
    }
    let sizes = places.map { Self.sums($0, a).count }
    let largest = Double(sizes.max() ?? 1)
    parts = zip(places, sizes).compactMap { places, size in
      guard let shape = a[places.tensor]?.shape else { return nil }
      let norms = (Self.sums(places, a).square * Self.sums(places, b).square).squareRoot()
      guard norms > 0, norms.isFinite else { return nil }
      let isVector = shape.count { $0 > 1 } < 2
      let share = isVector ? Double(size) / largest : 1
      return Part(places: places, share: share, weight: share / norms)
    }
    total = parts.reduce(0) { $0 + $1.share }
  }

  /// A's tensors with the weights in them: inner products with B's are weighted, then.
  ///
  /// - Complexity: O(elements).
  func applied(to a: Weights) -> Weights {
    var result = a
    for part in parts {
      guard let tensor = a[part.places.tensor],
        let blocks = UnitBlocks(part.places, shape: tensor.shape)
      else { continue }
      let factor = Float(part.weight)
      var values = result[part.places.tensor]?.values ?? []
      result[part.places.tensor]?.values = []
      blocks.forEachRange { range in
        for index in range { values[index] *= factor }
      }
      result[part.places.tensor]?.values = values
    }
    return result
  }

  private static func sums(_ places: UnitPlaces, _ weights: Weights) -> (count: Int, square: Double)
  {
    guard let tensor = weights[places.tensor],
      let blocks = UnitBlocks(places, shape: tensor.shape)
    else { return (0, 0) }
    var (count, square) = (0, 0.0)
    blocks.forEachRange { range in
      count += range.count
      square += dotProduct(tensor.values[range], tensor.values[range])
    }
    return (count, square)
  }
}

extension UnitBlocks {
  /// The elements of every unit, one run after another.
  fileprivate func forEachRange(_ body: (Range<Int>) -> Void) {
    for outer in 0..<outer {
      for unit in starts.indices {
        let start = offset(outer, unit)
        body(start..<(start + block))
      }
    }
  }
}
