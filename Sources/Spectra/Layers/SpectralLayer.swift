/// One matrix, or a few that are taken together, whose spectrum is a row of the result: a dense
/// kernel, the slices of a convolution, a gate of a recurrent layer.
public struct SpectralLayer: Sendable, Hashable {
  /// What an axis of the tensor is in the matrices made of it.
  public enum AxisRole: Sendable, Hashable {
    /// One of the axes that make up the rows.
    case row
    /// One of the axes that make up the columns.
    case column
    /// Every index gives a matrix of its own.
    case slice
  }

  /// How the matrices come out of the tensors.
  public enum Source: Sendable, Hashable {
    /// The tensor under a shape (its own, or with an axis split in blocks), and what each axis is.
    case view(shape: [Int], roles: [AxisRole])
    /// Of such a view, one matrix only: a gate of a recurrent layer.
    case slice(shape: [Int], roles: [AxisRole], index: Int)
    /// The product of a factor [out, r] and a factor [r, in] times a scale, which is not formed. A
    /// third tensor is alpha: it is multiplied by alpha over r as well.
    case product(scale: Double)
  }

  /// The name in the model; with the gate in brackets: `lstm/kernel[forget]`.
  public var name: String
  /// What it is: `dense`, `conv2d`, `embedding`, `lstm`, `lora`.
  public var type: String
  /// The names of its tensors in the file; two or three for a product, the left factor first.
  public var tensors: [String]
  /// How the matrices come out of them.
  public var source: Source
  /// The longer side of a matrix.
  public var longSide: Int
  /// The shorter side.
  public var shortSide: Int
  /// How many matrices there are.
  public var sliceCount: Int
  /// How many singular values a matrix has at most: the shorter side, or less for a product.
  public var rankBound: Int

  /// Makes a row.
  public init(
    name: String, type: String, tensors: [String], source: Source, longSide: Int, shortSide: Int,
    sliceCount: Int, rankBound: Int? = nil
  ) {
    self.name = name
    self.type = type
    self.tensors = tensors
    self.source = source
    self.longSide = longSide
    self.shortSide = shortSide
    self.sliceCount = sliceCount
    self.rankBound = rankBound ?? shortSide
  }

  /// The ratio of the sides, at least 1.
  public var aspectRatio: Double {
    shortSide > 0 ? Double(longSide) / Double(shortSide) : .nan
  }

  /// The number of operations that the spectrum takes, roughly; to begin with the longest work.
  var cost: Double {
    let (long, short) = (Double(longSide), Double(rankBound))
    return Double(sliceCount) * (long * short * short + 4 * short * short * short)
  }
}
