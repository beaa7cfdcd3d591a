import LinearAlgebra

/// What decides which elements of a tensor chance drops: a key for each seed, model and tensor, and
/// the element's place. Neither threads nor the order of tensors have a part in it.
enum DropKey {
  /// The key of a tensor of a model.
  static func key(seed: UInt64, model: Int, tensor: String) -> UInt64 {
    var key = SplitMix64.mixed(seed ^ 0x6D65_7267_6500_0000)
    key = SplitMix64.mixed(key &+ UInt64(model) &+ 1)
    for byte in tensor.utf8 { key = SplitMix64.mixed(key ^ UInt64(byte)) }
    return key
  }

  /// Below which word an element is dropped.
  static func threshold(_ drop: Double) -> UInt64 {
    UInt64(min(drop * 0x1p64, 0x1.fffffffffffffp63))
  }
}
