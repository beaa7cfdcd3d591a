public import Networks

extension SignatureStudy {
  /// One corruption, label set and seed.
  public struct Cell: Sendable {
    public var lineage: Int
    public var run: Int
    public var kind: Corruption.Kind
    /// The cosine of what the two fine-tunings did, a mean over tensors.
    public var cosine: Double
    public var standard: StudyScore
    public var robust: StudyScore
    /// By number of layers, then by strength.
    public var grid: [[StudyScore]]
    /// At `layerCount` layers and full strength, by form.
    public var forms: [StudySignature.Form: StudyScore]
    /// The last two layers alone.
    public var lastTwo: StudyScore
    /// The other label sets' signatures, by number of layers; empty where there is one label set.
    public var foreign: [StudyScore]
  }

  /// Two signatures on one network.
  public struct Pair: Sendable {
    public var lineage: Int
    public var run: Int
    public var kinds: [Corruption.Kind]
    /// By strength: TA, and the mean RA on both corruptions.
    public var scores: [StudyScore]
  }
}
