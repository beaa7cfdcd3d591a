import Catalogs
import Support
import Tensors
import WeightFiles

/// One tensor of the pretrained, the standard and the robust network, in memory as it is stored; its
/// elements are widened block by block.
struct TensorTriple {
  /// How many elements are widened at once.
  private static let blockCount = 1 << 14

  /// The number of elements.
  let count: Int
  private let types: [ElementType]
  private let bytes: [[UInt8]]

  /// Reads the three tensors.
  init(_ entries: [TensorEntry], in files: [WeightFile]) throws {
    count = entries[0].elementCount
    types = entries.map(\.elementType)
    bytes = try zip(entries, files).map { entry, file in try file.readBytes(entry, jobs: 1) }
  }

  /// The standard network's tensor, as it is stored.
  var standardBytes: [UInt8] { bytes[1] }

  /// Calls `body` for block after block: the first element's index, and the three networks' numbers.
  func forEachBlock(
    _ body: (
      Int, _ pretrained: UnsafeBufferPointer<Double>, _ standard: UnsafeBufferPointer<Double>,
      _ robust: UnsafeBufferPointer<Double>
    ) throws -> Void
  ) rethrows {
    let size = TensorTriple.blockCount
    let space = UnsafeMutableBufferPointer<Double>.allocate(capacity: 3 * size)
    defer { space.deallocate() }
    var begin = 0
    while begin < count {
      let length = min(size, count - begin)
      let parts = (0..<3).map { index in
        let part = UnsafeMutableBufferPointer(
          rebasing: space[(index * size)..<(index * size + length)])
        let width = types[index].byteCount
        bytes[index].withUnsafeBytes { all in
          types[index].doubles(
            UnsafeRawBufferPointer(
              rebasing: all[(begin * width)..<((begin + length) * width)]), to: part)
        }
        return UnsafeBufferPointer(part)
      }
      try body(begin, parts[0], parts[1], parts[2])
      begin += length
    }
  }

  /// The index of the first element that is not finite, and in which of the three; nil where all are.
  func firstBroken() -> (network: Int, index: Int)? {
    var found: (network: Int, index: Int)?
    forEachBlock { begin, pretrained, standard, robust in
      guard found == nil else { return }
      for (network, values) in [pretrained, standard, robust].enumerated() {
        if let index = values.firstIndex(where: { !$0.isFinite }) {
          found = (network, begin + index)
          return
        }
      }
    }
    return found
  }
}

/// The sums over a tensor from which a signature follows, in Float64, block after block.
struct TripleSums {
  /// `⟨a, a⟩`, `⟨d, d⟩`, `⟨d, a⟩`, where `a = θ_standard − θ_pretrained`, `d = θ_robust − θ_pretrained`.
  var standardChange = 0.0
  var robustChange = 0.0
  var product = 0.0
  /// The squares of the three networks, and their products with the pretrained one.
  var pretrained = 0.0
  var standard = 0.0
  var robust = 0.0
  var pretrainedStandard = 0.0
  var pretrainedRobust = 0.0

  /// Adds up a tensor.
  init(_ triple: TensorTriple) {
    triple.forEachBlock { _, pretrained, standard, robust in
      for index in pretrained.indices {
        let (p, s, r) = (pretrained[index], standard[index], robust[index])
        let (a, d) = (s - p, r - p)
        standardChange += a * a
        robustChange += d * d
        product += d * a
        self.pretrained += p * p
        self.standard += s * s
        self.robust += r * r
        pretrainedStandard += p * s
        pretrainedRobust += p * r
      }
    }
  }

  /// How much of `a` is in `d`: what the projection takes away. Zero where `a` is.
  var share: Double { standardChange > 0 ? product / standardChange : 0 }

  /// The cosine of `d` with `a`; nil where one is zero.
  var cosine: Double? {
    let norms = (standardChange * robustChange).squareRoot()
    return norms > 0 ? product / norms : nil
  }
}
