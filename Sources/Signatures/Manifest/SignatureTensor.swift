import Support
import Tensors
import WeightFiles

/// What a signature holds of one tensor.
public struct SignatureTensor: Sendable, Hashable {
  /// What is done with it.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// The robust weight signature, which is added, times α.
    case add
    /// A parameter of a normalisation, which takes the place of the model's, to the share α.
    case replace
    /// A running statistic of a normalisation; the same.
    case statistics

    /// Whether values are added; otherwise they take the place of others.
    public var isAdded: Bool { self == .add }
  }

  /// The name in the files that it was extracted from.
  public var name: String
  /// Its place among the parameters of the architecture, by which networks with other names are
  /// patched; nil where the architecture is not known.
  public var place: Int?
  /// The lengths of its axes.
  public var shape: [Int]
  /// The stored type, as in safetensors.
  public var type: String
  /// What is done with it.
  public var kind: Kind
  /// The levels of the codes; nil where values are dense, in Float32.
  public var grid: Grid?
  /// Where its codes or values begin in the payload.
  public var offset: Int
  /// The SHA-256 of the standard network's tensor.
  public var base: String
  /// The norm of what is added, before it was quantised.
  public var norm: Float
  /// The same, divided by the norm of the pretrained tensor; nil where that is zero.
  public var relativeNorm: Float?
  /// The cosine of `θ_robust − θ_pretrained` with `θ_standard − θ_pretrained`; nil where one is zero.
  public var cosine: Float?
  /// The share of the squared norm that the projection took away.
  public var removed: Float?
  /// Some elements of the pretrained tensor by which relatives are known, in base 64.
  public var sample: String?

  /// The number of elements.
  public var elementCount: Int { shape.reduce(1, *) }
  /// The number of its bytes in the payload.
  var byteCount: Int { SignatureTensor.byteCount(of: elementCount, grid) }
  /// Where its bytes lie in the payload.
  var range: Range<Int> { offset..<(offset + byteCount) }

  /// The number of bytes that so many elements take.
  static func byteCount(of elementCount: Int, _ grid: Grid?) -> Int {
    guard let grid else { return 4 * elementCount }
    return elementCount / grid.codesPerByte + elementCount % grid.codesPerByte
  }

  /// Checks what was read from a file that is not trusted.
  func check(payloadByteCount: Int) throws {
    do {
      try grid?.check()
      guard shape.allSatisfy({ $0 >= 0 }), shape.count <= 64,
        checkedProduct(shape + [4]) != nil, offset >= 0, byteCount <= payloadByteCount,
        offset <= payloadByteCount - byteCount
      else { throw Diagnostic(.badData, "its codes lie beyond their end") }
      guard Digest.isDigest(base) else { throw Diagnostic(.badData, "its digest is none") }
      guard !kind.isAdded || norm.isFinite else {
        throw Diagnostic(.badData, "its norm is not finite")
      }
    } catch let error as Diagnostic {
      throw error.inside(name)
    }
  }
}
