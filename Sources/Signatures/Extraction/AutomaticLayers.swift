import Support

/// Finds how many layers a signature needs.
public enum AutomaticLayers {
  /// What was tried.
  public struct Choice: Sendable {
    /// The smallest number of layers that reaches the wanted share.
    public var count: Int
    /// The measure without a patch, then with the first 1, 2, … layers, as far as it was taken.
    public var measures: [Double]
    /// The measure with all layers.
    public var all: Double
  }

  /// The smallest K whose patch reaches a share of the gain of the patch of all layers.
  ///
  /// Where all layers gain nothing, that is said, for there is nothing to reach.
  ///
  /// - Parameters:
  ///   - layerCount: how many layers have kernels.
  ///   - share: the wanted share.
  ///   - measure: the accuracy, on corrupted validation data, of the network patched with the first so
  ///     many layers; 0 is the network itself.
  /// - Throws: `Diagnostic` of code `failed` where there is no gain, and whatever `measure` throws.
  public static func choose(
    layerCount: Int, share: Double = 0.9, measure: (Int) async throws -> Double
  ) async throws -> Choice {
    let none = try await measure(0)
    let all = try await measure(layerCount)
    guard all > none else {
      throw Diagnostic(
        .failed,
        "patching all layers does not make the network more robust (\(none) before, \(all) after)",
        remedy:
          "this corruption is not patchable so; give \(setting: .layers) first:K to extract anyway")
    }
    var measures = [none]
    for count in 1..<max(1, layerCount) {
      let found = try await measure(count)
      measures.append(found)
      if found - none >= share * (all - none) {
        return Choice(count: count, measures: measures, all: all)
      }
    }
    return Choice(count: layerCount, measures: measures + [all], all: all)
  }
}
