import LinearAlgebra
import ModelGraph
import Testing

/// A small network around one operation.
struct OperationCase: Sendable, CustomTestStringConvertible {
  enum Input: Sendable {
    case normal
    /// Integers below a bound.
    case integers(Int)
    /// Normal, with every third step all zeros.
    case masked
  }

  var name: String
  var isTrainable = true
  var input = Input.normal
  var make: @Sendable () throws -> ModelGraph

  var testDescription: String { name }

  func inputs(count: Int, shape: [Int], seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    let size = shape.reduce(1, *)
    return (0..<count * size).map { place in
      switch input {
      case .normal: return Float(generator.normal())
      case .integers(let bound): return Float(generator.integer(below: bound))
      case .masked:
        let value = Float(generator.normal())
        return place / (shape.last ?? 1) % 3 == 1 ? 0 : value
      }
    }
  }
}

/// One layer between an input and the output.
func single(
  _ name: String, order: ModelGraph.ChannelOrder = .last, _ shape: [Int],
  isTrainable: Bool = true, input: OperationCase.Input = .normal,
  _ layer: @escaping @Sendable (inout GraphMaker, Int) throws -> Int
) -> OperationCase {
  OperationCase(name: name, isTrainable: isTrainable, input: input) {
    var maker = GraphMaker(order)
    let source = try maker.input(shape)
    let last = try layer(&maker, source)
    return try maker.graph(last)
  }
}

extension OperationCase {
  static let dense: [OperationCase] = [
    single("dense keras", [7]) { try $0.dense(5, $1) },
    single("dense torch", order: .first, [19]) { try $0.dense(33, $1) },
    single("dense without bias", [4]) { try $0.dense(3, bias: false, $1) },
    single("dense over steps", [3, 6]) { try $0.dense(5, $1) },
    single("dense over an image", [2, 3, 4]) { try $0.dense(17, $1) },
    single("shared dense", [6]) { maker, input in
      let first = try maker.dense(6, sharing: 9, input)
      let between = try maker.add(.activation(.tanh), first)
      return try maker.dense(6, sharing: 9, between)
    },
  ]

  static let convolutions: [OperationCase] = [
    single("conv2d valid", [6, 7, 3]) { try $0.convolution(4, [3, 2], $1) },
    single("conv2d same stride 2", [7, 8, 3]) {
      try $0.convolution(5, [3, 3], strides: [2, 2], padding: .same, $1)
    },
    single("conv2d same even kernel", [5, 6, 2]) {
      try $0.convolution(3, [2, 4], padding: .same, $1)
    },
    single("conv2d dilated", [9, 9, 2]) {
      try $0.convolution(3, [3, 3], dilation: [2, 3], padding: .same, $1)
    },
    single("conv2d groups keras", [5, 5, 6]) { try $0.convolution(9, [3, 3], groups: 3, $1) },
    single("conv2d depthwise keras", [6, 6, 5]) {
      try $0.convolution(10, [3, 3], groups: 5, padding: .same, $1)
    },
    single("conv2d torch padded", order: .first, [3, 6, 5]) {
      try $0.convolution(
        4, [3, 3], strides: [2, 1], padding: .explicit([Margin(1, 1), Margin(2, 0)]), $1)
    },
    single("conv2d groups torch", order: .first, [8, 5, 5]) {
      try $0.convolution(16, [3, 3], groups: 4, bias: false, $1)
    },
    single("conv2d depthwise torch", order: .first, [6, 5, 5]) {
      try $0.convolution(6, [3, 3], groups: 6, $1)
    },
    single("conv2d wide blocks", [4, 4, 16]) {
      let first = try $0.convolution(32, [3, 3], $1)
      let relu = try $0.add(.activation(.relu), first)
      return try $0.convolution(16, [1, 1], relu)
    },
    single("conv1d valid", [9, 4]) { try $0.convolution(6, [3], $1) },
    single("conv1d causal dilated", [10, 3]) {
      try $0.convolution(4, [3], dilation: [2], padding: .causal, $1)
    },
    single("conv1d depthwise", [8, 3]) { try $0.convolution(6, [3], groups: 3, $1) },
    single("conv1d torch", order: .first, [4, 9]) { try $0.convolution(5, [4], strides: [2], $1) },
  ]

  static let poolings: [OperationCase] = [
    pooling("max 2×2", .maximum, [2, 2], [2, 2], .valid),
    pooling("max 3×2 same", .maximum, [3, 2], [2, 2], .same),
    pooling("average 3×3 same", .average, [3, 3], [2, 1], .same),
    pooling(
      "average torch", .average, [3, 3], [2, 2], .explicit([Margin(1, 1), Margin(1, 1)]),
      counts: true, order: .first),
    single("max 1-D", [9, 5]) {
      try $0.add(
        .pooling(Pooling(kind: .maximum, size: [3], strides: [2], padding: .valid)), $1)
    },
    single("global average", [4, 5, 6]) {
      try $0.add(.globalPooling(.average, keepsAxes: false), $1)
    },
    single("global maximum keeps axes", order: .first, [6, 4, 5]) {
      try $0.add(.globalPooling(.maximum, keepsAxes: true), $1)
    },
    single("global average 1-D", [7, 3]) {
      try $0.add(.globalPooling(.average, keepsAxes: false), $1)
    },
  ]

  private static func pooling(
    _ name: String, _ kind: Pooling.Kind, _ size: [Int], _ strides: [Int], _ padding: Padding,
    counts: Bool = false, order: ModelGraph.ChannelOrder = .last
  ) -> OperationCase {
    single("pooling " + name, order: order, order == .last ? [7, 6, 3] : [3, 7, 6]) {
      try $0.add(
        .pooling(
          Pooling(
            kind: kind, size: size, strides: strides, padding: padding, countsPadding: counts)),
        $1)
    }
  }

  static let shapes: [OperationCase] = [
    single("flatten keras", [3, 4, 5]) { maker, input in
      let image = try maker.convolution(16, [2, 2], input)
      return try maker.dense(4, maker.add(.flatten, image))
    },
    single("flatten torch", order: .first, [5, 3, 4]) { maker, input in
      let image = try maker.convolution(16, [2, 2], input)
      return try maker.dense(4, maker.add(.flatten, image))
    },
    single("reshape", [12]) { maker, input in
      let image = try maker.add(.reshape([2, 3, 2]), input)
      return try maker.convolution(3, [2, 2], image)
    },
    single("zero padding", [3, 4, 2]) {
      try $0.add(.zeroPadding([Margin(1, 2), Margin(0, 3)]), $1)
    },
    single("zero padding torch", order: .first, [2, 3, 4]) {
      try $0.add(.zeroPadding([Margin(1, 2), Margin(0, 3)]), $1)
    },
    single("reflection", [4, 5, 2]) {
      try $0.add(
        .edgePadding(EdgePadding(kind: .reflect, margins: [Margin(3, 2), Margin(0, 4)])), $1)
    },
    single("reflection of rows torch", order: .first, [2, 6]) { maker, input in
      let wide = try maker.add(
        .edgePadding(EdgePadding(kind: .reflect, margins: [Margin(0, 3)])), input)
      return try maker.convolution(4, [4], wide)
    },
    single("repeated edges torch", order: .first, [2, 3, 4]) {
      try $0.add(.edgePadding(EdgePadding(kind: .edge, margins: [Margin(1, 7), Margin(2, 0)])), $1)
    },
    single("root of a sum of squares", [7]) { maker, input in
      let squares = try maker.add(.multiply, input, input)
      return try maker.add(
        .activation(.squareRoot), maker.add(.rescaling(scale: 1, offset: 0.5), squares))
    },
    single("cropping", [6, 7, 2]) { try $0.add(.cropping([Margin(1, 2), Margin(0, 3)]), $1) },
    single("channel padding", order: .first, [3, 4, 4]) {
      try $0.add(.channelPadding(Margin(2, 1)), $1)
    },
    single("rescaling", [5]) { try $0.add(.rescaling(scale: 0.25, offset: -1), $1) },
    single("concatenate channels", [4, 4, 3]) { maker, input in
      let left = try maker.convolution(5, [1, 1], input)
      return try maker.add(.concatenate(axis: 2), left, input)
    },
    single("concatenate rows", order: .first, [2, 4, 3]) { maker, input in
      try maker.add(.concatenate(axis: 1), input, input)
    },
  ]

  static let normalizations: [OperationCase] = [
    single("batch norm image", [4, 5, 3]) { try $0.batchNormalization($1) },
    single("batch norm torch blocks", order: .first, [16, 4, 4]) { maker, input in
      let image = try maker.convolution(32, [3, 3], bias: false, input)
      let normal = try maker.batchNormalization(image)
      return try maker.add(.activation(.relu), normal)
    },
    single("batch norm vector", [6]) { try $0.batchNormalization($1) },
    single("batch norm without scale", [3, 3, 4]) { try $0.batchNormalization(scale: false, $1) },
    single("batch norm plain", [3, 3, 4]) {
      try $0.batchNormalization(scale: false, shift: false, $1)
    },
    single("batch norm sequence", [6, 4]) { try $0.batchNormalization($1) },
    single("layer norm", [5, 8]) { try $0.layerNormalization($1) },
    single("layer norm three axes", order: .first, [3, 4, 2]) {
      try $0.layerNormalization(axisCount: 3, $1)
    },
    single("layer norm without shift", [9]) { try $0.layerNormalization(shift: false, $1) },
    single("dropout", [6]) { try $0.add(.dropout(rate: 0.5), $1) },
    single("dropout between dense layers", [9]) { maker, input in
      let hidden = try maker.add(.activation(.relu), maker.dense(21, input))
      return try maker.dense(4, maker.add(.dropout(rate: 0.3), hidden))
    },
  ]

  static let activations: [OperationCase] = [
    Activation.relu, .leakyRelu(slope: 0.2), .clippedRelu(maximum: 1.5), .elu(alpha: 0.7), .selu,
    .gelu(approximate: true), .gelu(approximate: false), .silu, .tanh, .sigmoid, .hardSigmoid,
    .legacyHardSigmoid, .softplus, .exponential, .softmax, .linear, .hardSilu, .quickGelu,
    .squaredRelu,
    .mish,
  ].flatMap { activation in
    [
      single("\(activation) alone", [3, 11]) { try $0.add(.activation(activation), $1) },
      single("\(activation) after dense", [6]) { maker, input in
        try maker.add(.activation(activation), maker.dense(9, input))
      },
    ]
  }

  static let merges: [OperationCase] = [
    single("residual sum", order: .first, [16, 5, 5]) { maker, input in
      let left = try maker.convolution(
        16, [3, 3], padding: .explicit([Margin(1, 1), Margin(1, 1)]), input)
      let sum = try maker.add(.add, left, input)
      let relu = try maker.add(.activation(.relu), sum)
      return try maker.convolution(4, [1, 1], relu)
    },
    single("sum of three", [6]) { maker, input in
      let left = try maker.dense(6, input)
      let right = try maker.add(.activation(.tanh), input)
      return try maker.add(.add, left, input, right)
    },
    single("product", [2, 6]) { maker, input in
      try maker.add(.multiply, maker.dense(6, input), maker.add(.activation(.sigmoid), input))
    },
    single("squeeze and excite", [4, 4, 6], isTrainable: false) { maker, input in
      let pooled = try maker.add(.globalPooling(.average, keepsAxes: true), input)
      let gates = try maker.add(.activation(.sigmoid), maker.dense(6, pooled))
      return try maker.add(.multiply, input, gates)
    },
    single("fan-out", [5]) { maker, input in
      let hidden = try maker.dense(7, input)
      let left = try maker.add(.activation(.relu), hidden)
      let right = try maker.add(.activation(.tanh), hidden)
      return try maker.add(.add, left, maker.add(.multiply, right, hidden))
    },
  ]

  static let networks: [OperationCase] = [ModelGraph.ChannelOrder.last, .first].map { order in
    single(
      "residual network, channels \(order)", order: order, order == .last ? [8, 8, 1] : [1, 8, 8]
    ) { maker, input in
      let margin = Padding.explicit([Margin(1, 1), Margin(1, 1)])
      var last = try maker.convolution(16, [3, 3], padding: margin, bias: false, input)
      last = try maker.add(.activation(.relu), maker.batchNormalization(last))
      var side = try maker.convolution(16, [3, 3], padding: margin, bias: false, last)
      side = try maker.batchNormalization(side)
      last = try maker.add(.activation(.relu), maker.add(.add, side, last))
      last = try maker.add(
        .pooling(Pooling(kind: .maximum, size: [2, 2], strides: [2, 2], padding: .valid)), last)
      return try maker.dense(10, maker.add(.flatten, last))
    }
  }

  static let sequences: [OperationCase] = {
    var cases = [
      single("embedding", [6], input: .integers(9)) { maker, input in
        try maker.dense(4, maker.add(.flatten, maker.embedding(9, 5, input)))
      }
    ]
    let kinds: [(String, Recurrent)] = [
      ("simple", Recurrent(kind: .simple, units: 5)),
      ("lstm", Recurrent(kind: .lstm, units: 4, returnsSequences: true)),
      ("lstm hard", Recurrent(kind: .lstm, units: 4, gateActivation: .hardSigmoid)),
      ("gru", Recurrent(kind: .gru, units: 5)),
      ("gru resets before", Recurrent(kind: .gru, units: 3, resetsAfter: false)),
      (
        "lstm backwards",
        Recurrent(kind: .lstm, units: 3, returnsSequences: true, goesBackwards: true)
      ),
      (
        "gru backwards, restored",
        Recurrent(
          kind: .gru, units: 3, returnsSequences: true, goesBackwards: true, restoresOrder: true)
      ),
    ]
    for (name, recurrent) in kinds {
      let isTrainable = recurrent.gateActivation == .sigmoid && recurrent.resetsAfter
      cases.append(
        single(name, [6, 4], isTrainable: isTrainable) { try $0.recurrent(recurrent, $1) })
      cases.append(
        single(name + ", masked", [7, 3], isTrainable: false, input: .masked) { maker, input in
          try maker.recurrent(recurrent, maker.add(.masking(value: 0), input))
        })
      cases.append(
        single(name + ", torch", [5, 4], isTrainable: isTrainable) {
          try $0.recurrent(recurrent, torch: true, $1)
        })
    }
    cases.append(
      single("masked embedding", [5], input: .integers(3)) { maker, input in
        try maker.recurrent(
          Recurrent(kind: .gru, units: 4), maker.embedding(3, 4, masksZero: true, input))
      })
    return cases
  }()

  static let all =
    dense + convolutions + poolings + shapes + normalizations + activations + merges + networks
  static let ofSequences = sequences + attentions + tokens
}
