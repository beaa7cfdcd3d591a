/// A layer that one of two networks has and the other has not, at the end of both: a head for other
/// classes, a longer head.
public struct LeftOutLayer: Sendable, Hashable {
  /// Which of the two networks.
  public enum Network: String, Sendable, Hashable, CaseIterable {
    case first = "A"
    case second = "B"
  }

  /// Whose layer it is.
  public var network: Network
  /// Its name there.
  public var name: String
  /// What it computes, in a word.
  public var type: String
  /// The shape of its output.
  public var outputShape: [Int?]
  /// Its tensors.
  public var tensors: [String]
  /// Why it has no partner.
  public var reason: String
}
