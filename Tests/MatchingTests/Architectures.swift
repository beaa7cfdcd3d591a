import LinearAlgebra
import ModelGraph
import Tensors

/// Small networks with random weights and hand-written groups, one for each way in which units can
/// lie on an axis.
enum Architecture: String, CaseIterable, Sendable {
  /// Dense layers, kernels [in, out].
  case multilayerPerceptron
  /// The same in PyTorch's orientation, [out, in].
  case transposedPerceptron
  /// A convolution, batch norm, and a flattened map: a run for every position.
  case flattenedChannelsLast
  /// A convolution and a flattened map in channels-first order: one run, as wide as the map.
  case flattenedChannelsFirst
  /// An LSTM: four gates, and the units on both axes of the recurrent kernel.
  case recurrent
  /// A residual stream that two blocks read and write.
  case residual
  /// Residual blocks of one square kernel each: the stream on both of its axes.
  case tied
  /// Two branches joined end to end on one axis.
  case concatenated

  typealias Member = PermutationGroup.Member

  /// The groups, for hidden layers of `width` units.
  func groups(width: Int) -> [PermutationGroup] {
    func member(
      _ tensor: String, _ axis: Int, _ runs: [Member.Run] = [.init(start: 0)],
      statistic: Bool = false
    ) -> Member {
      Member(tensor: tensor, axis: axis, runs: runs, isStatistic: statistic)
    }
    func group(_ name: String, _ size: Int, _ members: [Member]) -> PermutationGroup {
      PermutationGroup(name: name, size: size, members: members)
    }
    switch self {
    case .multilayerPerceptron, .transposedPerceptron:
      let output = self == .multilayerPerceptron ? 1 : 0
      return (1...3).map { layer in
        group(
          "dense\(layer)", width,
          [
            member("w\(layer)", output), member("b\(layer)", 0),
            member("w\(layer + 1)", 1 - output),
          ])
      }
    case .flattenedChannelsLast, .flattenedChannelsFirst:
      let isLast = self == .flattenedChannelsLast
      let runs =
        isLast
        ? (0..<9).map { Member.Run(start: $0 * width) } : [Member.Run(start: 0, width: 9)]
      return [
        group(
          "conv", width,
          [
            member("kernel", isLast ? 3 : 0), member("gamma", 0), member("beta", 0),
            member("mean", 0, statistic: true), member("dense", isLast ? 0 : 1, runs),
          ]),
        group(
          "dense", width,
          [member("dense", isLast ? 1 : 0), member("bias", 0), member("out", isLast ? 0 : 1)]),
      ]
    case .recurrent:
      let gates = (0..<4).map { Member.Run(start: $0 * width) }
      return [
        group(
          "lstm", width,
          [
            member("kernel", 1, gates), member("recurrent", 0), member("recurrent", 1, gates),
            member("bias", 0, gates), member("out", 0),
          ])
      ]
    case .residual:
      let stream = ["in:1", "up1:0", "down1:1", "up2:0", "down2:1", "out:0"].map { place in
        let parts = place.split(separator: ":")
        return member(String(parts[0]), parts[1] == "0" ? 0 : 1)
      }
      return [
        group("stream", width, stream),
        group("block1", width + 5, [member("up1", 1), member("bias1", 0), member("down1", 0)]),
        group("block2", width + 5, [member("up2", 1), member("bias2", 0), member("down2", 0)]),
      ]
    case .tied:
      let kernels = ["w1", "w2", "w3"].flatMap { [member($0, 0), member($0, 1)] }
      return [group("stream", width, [member("in", 1)] + kernels + [member("out", 0)])]
    case .concatenated:
      let left = Member.Run(start: 0)
      let right = Member.Run(start: width)
      return [
        group("left", width, [member("w1", 1), member("b1", 0), member("out", 0, [left])]),
        group("right", width, [member("w2", 1), member("b2", 0), member("out", 0, [right])]),
      ]
    }
  }

  /// The shapes of the tensors.
  func shapes(width: Int) -> [String: [Int]] {
    switch self {
    case .multilayerPerceptron, .transposedPerceptron:
      let sizes = [20, width, width, width, 10]
      var shapes: [String: [Int]] = [:]
      for layer in 1...4 {
        let kernel = [sizes[layer - 1], sizes[layer]]
        shapes["w\(layer)"] = self == .multilayerPerceptron ? kernel : kernel.reversed()
        shapes["b\(layer)"] = [sizes[layer]]
      }
      return shapes
    case .flattenedChannelsLast:
      return [
        "kernel": [3, 3, 2, width], "gamma": [width], "beta": [width], "mean": [width],
        "dense": [9 * width, width], "bias": [width], "out": [width, 4],
      ]
    case .flattenedChannelsFirst:
      return [
        "kernel": [width, 2, 3, 3], "gamma": [width], "beta": [width], "mean": [width],
        "dense": [width, 9 * width], "bias": [width], "out": [4, width],
      ]
    case .recurrent:
      return [
        "kernel": [12, 4 * width], "recurrent": [width, 4 * width], "bias": [4 * width],
        "out": [width, 5],
      ]
    case .residual:
      return [
        "in": [30, width], "up1": [width, width + 5], "bias1": [width + 5],
        "down1": [width + 5, width], "up2": [width, width + 5], "bias2": [width + 5],
        "down2": [width + 5, width], "out": [width, 10],
      ]
    case .tied:
      return [
        "in": [30, width], "w1": [width, width], "w2": [width, width], "w3": [width, width],
        "out": [width, 10],
      ]
    case .concatenated:
      return [
        "w1": [8, width], "b1": [width], "w2": [9, width], "b2": [width], "out": [2 * width, 6],
      ]
    }
  }

  /// Random weights.
  func weights(width: Int, seed: UInt64) -> Weights {
    let generator = SeededGenerator(seed: seed)
    var weights: Weights = [:]
    for (index, item) in shapes(width: width).sorted(by: { $0.key < $1.key }).enumerated() {
      var own = generator.derived(UInt64(index))
      let count = item.value.reduce(1, *)
      weights[item.key] = Tensor(
        shape: item.value, values: (0..<count).map { _ in Float(own.normal()) })
    }
    return weights
  }
}

/// The weights with normal noise added, `amount` times as large as the weights of the networks above.
func noisy(_ weights: Weights, amount: Float, seed: UInt64) -> Weights {
  let generator = SeededGenerator(seed: seed)
  var result = weights
  for (index, name) in weights.keys.sorted().enumerated() {
    var own = generator.derived(UInt64(index))
    result[name]?.values = (weights[name]?.values ?? []).map { $0 + amount * Float(own.normal()) }
  }
  return result
}
