import Networks

extension SignatureStudy {
  /// One corruption, label set and seed.
  struct Cell: Sendable {
    var lineage: Int
    var run: Int
    var kind: Corruption.Kind
    /// The cosine of what the two fine-tunings did, a mean over tensors.
    var cosine: Double
    var standard: StudyScore
    var robust: StudyScore
    /// By number of layers, then by strength.
    var grid: [[StudyScore]]
    /// At `layerCount` layers and full strength, by form.
    var forms: [StudySignature.Form: StudyScore]
    /// The last two layers alone.
    var lastTwo: StudyScore
    /// The other label sets' signatures, by number of layers; empty where there is one label set.
    var foreign: [StudyScore]
  }

  /// Two signatures on one network.
  struct Pair: Sendable {
    var lineage: Int
    var run: Int
    var kinds: [Corruption.Kind]
    /// By strength: TA, and the mean RA on both corruptions.
    var scores: [StudyScore]
  }
}
