extension Wording {
  /// What a user can set. The executable has a flag for each, of the same name.
  public enum Setting: String, Sendable, Hashable, CaseIterable {
    case align, assume, base, compression, curveRate, data, dryRun, evaluator, evaluatorTimeout
    case force, freeze, graph, host, json, layers, levels, loss, match, maxMemory, method, metrics
    case name, normalization, output, port, reference, repair, resume, rws, savePermutation, scale
    case scaleUnits, shard, shards, sharedOnly, showColumns, timeout, `where`

    /// The words of the name, in lower case: "max memory".
    public var words: [String] {
      rawValue.reduce(into: [""]) { words, letter in
        if letter.isUppercase { words.append("") }
        words[words.count - 1] += letter.lowercased()
      }
    }
  }

  /// What a user can have done. The executable has a command for each.
  public enum Action: String, Sendable, Hashable, CaseIterable {
    case connect, convert, diff, doctor, inspect, match, merge, patch, serve, spectrum
    case probeTrain = "probe train"
    case signatureExtract = "signature extract"
    case signatureInfo = "signature info"
    case zooBuild = "zoo build"
    case zooIndex = "zoo index"
    case zooList = "zoo list"
    case zooPack = "zoo pack"
    case zooScan = "zoo scan"
    case zooTrees = "zoo trees"
  }
}
