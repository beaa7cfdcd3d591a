extension RowDoubts {
  /// Scales without statistics do not say which normalisation they belong to.
  mutating func doubtNormalization(_ statement: GraphStatement) {
    let stated: [Reading] = [
      .layerNormalization, .batchNormalization, .instanceNormalization,
    ]
    if stated.contains(where: statement.states) { return }
    var boundary = 0
    for link in chain.links {
      if link.module.makesUnits { boundary += 1 }
      guard link.module.kind == .layerNormalization else { continue }
      switch link.module.normalization {
      case .layer, .batch, .instance: continue
      case .group:
        doubt(
          .normalization,
          "\(link.module.path) normalises groups of channels, and the file does not say how many",
          alternatives: [], holding: [boundary], settledBy: [])
      case nil:
        doubt(
          .normalization,
          "\(link.module.path) has no running statistics: layer, group, instance or batch "
            + "normalisation would fit",
          alternatives: ["group normalisation", "layer normalisation", "batch normalisation"],
          holding: [boundary], settledBy: stated)
      }
    }
  }

  /// Two normalisations one after the other belong to different layers: their places are not known.
  mutating func doubtRepeatedNormalization() {
    let isRepeated = zip(chain.links, chain.links.dropFirst()).contains { first, second in
      !first.module.makesUnits && !second.module.makesUnits
    }
    guard isRepeated else { return }
    doubt(
      .normalization,
      "normalisations stand one after another, and the layers they follow are unknown",
      alternatives: ["each after a layer of its own"], holding: hidden)
  }

  /// Where a file keeps no order, normalisation may stand after the layer of its number or before it,
  /// unless the widths of one of them tell.
  mutating func doubtPlaceOfNormalization() {
    guard !chain.keepsOrder else { return }
    var boundary = 0
    var normalised: [Int] = []
    for link in chain.links {
      if link.module.makesUnits {
        boundary += 1
      } else {
        normalised.append(boundary)
      }
    }
    guard !normalised.isEmpty,
      normalised.allSatisfy({ $0 > 0 && widths[$0 - 1] == widths[$0] })
    else { return }
    doubt(
      .normalization,
      "normalisation may stand after the layer of its number or before it: the file keeps no order, "
        + "and the widths do not tell", alternatives: ["normalisation before the layers"],
      holding: hidden)
  }
}
