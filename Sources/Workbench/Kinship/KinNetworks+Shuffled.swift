import LinearAlgebra
import ModelGraph
import Tensors

extension KinNetworks {
  /// The same first network beside a second one that has nothing to do with it: its numbers in random order,
  /// matrix by matrix.
  func shuffled(seed: UInt64) -> KinNetworks {
    var generator = SeededGenerator(seed: seed)
    var others = b
    for name in b.keys.sorted() {
      guard let tensor = b[name] else { continue }
      let order = generator.permutation(count: tensor.values.count)
      others[name] = Tensor(shape: tensor.shape, values: order.map { tensor.values[$0] })
    }
    return KinNetworks(a: a, b: others, groups: groups)
  }

  private init(a: Weights, b: Weights, groups: [PermutationGroup]) {
    self.a = a
    self.b = b
    self.groups = groups
  }
}
