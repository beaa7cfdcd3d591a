import Catalogs
import Foundation
import Support
import Tensors
import WeightFiles

/// The signature of one tensor: what the manifest says of it, and its codes.
struct TensorExtraction: Sendable {
  /// Without the place of its codes, and without a sample.
  var tensor: SignatureTensor
  /// The codes, or Float32 values.
  var codes: [UInt8]
  /// The squares and products by which relatives are known: pretrained, standard, robust, and the
  /// products of the first with the other two.
  var kinship: [Double]
  /// Which ways the networks went in it; nil where nothing is added to it.
  var directions: FineTuneDirections?
  /// The sampled elements of the pretrained tensor.
  var sample: [Double]

  /// Extracts a tensor.
  ///
  /// - Parameters:
  ///   - role: what the tensor is; parameters and statistics of normalisations are taken over as they
  ///     are in the robust network.
  ///   - sampled: the indices of the elements to sample.
  /// - Throws: `Diagnostic` of code `badData`, inside of the file, where a number is not finite.
  init(
    _ part: Architecture.Tensor, entries: [TensorEntry], files: [WeightFile],
    options: SignatureExtraction.Options, sampled: [Int]
  ) throws {
    let triple = try TensorTriple(entries, in: files)
    if let broken = triple.firstBroken() {
      throw Diagnostic(
        .badData, "element \(broken.index) is not a finite number",
        at: [files[broken.network].catalog.file, entries[broken.network].name],
        remedy: "training has diverged, or the file is damaged: use an earlier checkpoint")
    }
    let sums = TripleSums(triple)
    let kind: SignatureTensor.Kind =
      switch part.role {
      case .kernel, .weight: .add
      case .normalization: .replace
      case .statistics: .statistics
      }
    let share = kind.isAdded && options.projects ? sums.share : 0
    var grid: Grid?
    var (squares, least, largest) = (0.0, 0.0, 0.0)
    triple.forEachBlock { _, pretrained, standard, robust in
      for index in pretrained.indices {
        let d = robust[index] - pretrained[index]
        let value = d - share * (standard[index] - pretrained[index])
        squares += value * value
        least = min(least, value)
        largest = max(largest, value)
      }
    }
    if kind.isAdded, let levels = options.levels {
      grid = TensorExtraction.fitted(
        try Grid(least: least, largest: largest, levels: levels), to: triple, share: share)
    }
    let plain = TensorExtraction.codes(of: triple, kind, share: share, grid)
    codes = grid?.packed(plain) ?? plain
    let norm = squares.squareRoot()
    tensor = SignatureTensor(
      name: entries[0].name, place: part.place, shape: entries[0].shape,
      type: entries[1].elementType.rawValue, kind: kind, grid: grid, offset: 0,
      base: Digest.of(triple.standardBytes), norm: shortened(norm),
      relativeNorm: sums.pretrained > 0 ? shortened(norm / sums.pretrained.squareRoot()) : nil,
      cosine: sums.cosine.map { shortened($0) },
      removed: share != 0 && sums.robustChange > 0
        ? shortened(share * share * sums.standardChange / sums.robustChange) : nil,
      sample: nil)
    if kind.isAdded {
      var own = FineTuneDirections()
      own.add(sums)
      directions = own
    }
    kinship = [
      sums.pretrained, sums.standard, sums.robust, sums.pretrainedStandard, sums.pretrainedRobust,
    ]
    var sample = [Double](repeating: 0, count: sampled.count)
    if !sampled.isEmpty {
      triple.forEachBlock { begin, pretrained, _, _ in
        for (place, index) in sampled.enumerated()
        where (begin..<(begin + pretrained.count)).contains(index) {
          sample[place] = pretrained[index - begin]
        }
      }
    }
    self.sample = sample
  }

  /// The grid with the step that fits its codes best: `Σ v·c / Σ c²`, for the codes that this gives,
  /// twice. Bounded by the farthest values, a step is too long for all others.
  private static func fitted(_ start: Grid, to triple: TensorTriple, share: Double) -> Grid {
    var grid = start
    for _ in 0..<fittingRounds {
      var (products, squares) = (0.0, 0.0)
      triple.forEachBlock { _, pretrained, standard, robust in
        for index in pretrained.indices {
          let value =
            robust[index] - pretrained[index] - share * (standard[index] - pretrained[index])
          let level = Double(Int(grid.code(of: value)) - grid.zero)
          products += level * value
          squares += level * level
        }
      }
      guard squares > 0, products > 0 else { return start }
      grid.step = shortened(products / squares, digits: 5)
    }
    return grid.step > 0 && grid.step.isFinite ? grid : start
  }

  private static let fittingRounds = 2

  private static func codes(
    of triple: TensorTriple, _ kind: SignatureTensor.Kind, share: Double, _ grid: Grid?
  ) -> [UInt8] {
    let count = triple.count * (grid == nil ? 4 : 1)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      triple.forEachBlock { begin, pretrained, standard, robust in
        for index in pretrained.indices {
          let p = pretrained[index]
          let value =
            kind.isAdded ? robust[index] - p - share * (standard[index] - p) : robust[index]
          if let grid {
            buffer[begin + index] = grid.code(of: value)
          } else {
            bytes.storeBytes(
              of: Float(value).bitPattern.littleEndian, toByteOffset: 4 * (begin + index),
              as: UInt32.self)
          }
        }
      }
      initialized = count
    }
  }
}

/// A figure of which a few digits are kept.
private func shortened(_ value: Double, digits: Int = 4) -> Float {
  guard value.isFinite, value != 0 else { return Float(value) }
  let unit = pow(10, Double(digits - 1) - log10(abs(value)).rounded(.down))
  return Float((value * unit).rounded() / unit)
}
