/// One layer as WeightWatcher 0.7.7 (Martin et al., Apache-2.0) would take it: its number, its sides in
/// the order it arrives at, and the scale it applies.
public struct WeightWatcherLayer: Sendable, Hashable {
  /// Its number: the place among the `.weight` tensors of a state dict, from 1; the place among the
  /// layers of a Keras model, from 0.
  public var number: Int
  /// What it calls the type: `dense`, `conv2d`, `embedding`.
  public var type: String
  /// The "larger" side. For kernels of an even number of positions that narrow, it is the smaller one:
  /// the sides are exchanged once a position there.
  public var n: Int
  /// The other side.
  public var m: Int
  /// How many positions the window has.
  public var window: Int
  /// Which matrices.
  public var layer: SpectralLayer

  /// What eigenvalues are multiplied with: those of 2-D convolutions are halved.
  var scale: Double { type == "conv2d" ? 0.5 : 1 }

  /// Why it is left out; nil where it is analysed.
  var reasonToSkip: String? {
    let count = m * window
    if count < 8 { return "\(count) eigenvalues, and WeightWatcher asks for at least 8" }
    if count > 15_000 { return "\(count) eigenvalues, and WeightWatcher takes at most 15000" }
    if n > 50_000 { return "a side of \(n), and WeightWatcher takes at most 50000" }
    return nil
  }
}
