package import Networks

/// A normalisation as results keep it.
package struct NormalizationRecord: Codable {
  package var name: String?
  package var mean: [Float]
  package var standardDeviation: [Float]

  /// Of a normalisation.
  package init(_ normalization: ChannelNormalization) {
    name = normalization.name
    mean = normalization.means
    standardDeviation = normalization.deviations
  }
}
