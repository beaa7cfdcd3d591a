import WeightFiles

/// A robust weight signature (Cai et al.): what training on corrupted data did to a network beyond
/// what training on clean data did, tensor by tensor.
public struct RobustSignature: Sendable {
  /// Its name, usually the corruption's: `fog`.
  public var name: String

  /// Makes a signature.
  public init(name: String) { self.name = name }
}
