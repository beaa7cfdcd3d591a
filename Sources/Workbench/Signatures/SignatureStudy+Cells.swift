public import Datasets
import Networks

extension SignatureStudy {
  /// One corruption, label set and seed.
  public struct Cell: Sendable {
    /// The place of the label set.
    public var lineage: Int
    /// The place of the seed.
    public var run: Int
    /// The corruption.
    public var kind: Corruption.Kind
    /// The cosine of what the two fine-tunings did, a mean over tensors.
    public var cosine: Double
    /// Of the network fine-tuned on clean images.
    public var standard: StudyScore
    /// Of the network fine-tuned on corrupted images.
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
    /// The place of the label set.
    public var lineage: Int
    /// The place of the seed.
    public var run: Int
    /// The two corruptions.
    public var kinds: [Corruption.Kind]
    /// By strength: TA, and the mean RA on both corruptions.
    public var scores: [StudyScore]
  }
}
