import LinearAlgebra
import ModelGraph
import Tensors

/// A small transformer with random weights, of one of many kinds.
struct TransformerSketch {
  enum Norm { case layer, rms(offset: Double), none }
  enum Placement { case before, after, branches }
  enum Projections { case separate, fused, byHead }
  enum Hidden { case plain(Activation), gated(Activation), experts(Routing) }

  var width = 12
  var heads = 3
  var keyValueHeads = 3
  var headWidth = 4
  var layers = 2
  var vocabulary = 31
  var hidden = 10
  var positions: Int? = 8
  var norm = Norm.layer
  var placement = Placement.before
  var projections = Projections.separate
  var middle = Hidden.plain(.gelu(approximate: false))
  var rotary: Rotary?
  var normalizesHeads = false
  var softCap: Double?
  var hasBiases = true
  var headHasBias = false
  var isTied = false
  var hasScales = false
  var hasPositionBias = false
  var seed: UInt64 = 1

  /// The graph and random weights: gains about 1, everything else normal.
  func made() throws -> (graph: ModelGraph, weights: Weights) {
    var maker = Maker(sketch: self)
    return (try maker.graph(), maker.weights)
  }

  /// GPT-2: learned positions, one projection, a head with its own kernel.
  static var gpt: TransformerSketch {
    var sketch = TransformerSketch()
    sketch.projections = .fused
    return sketch
  }

  /// Llama: RMS normalisation, rotary positions, grouped queries, gated units.
  static var llama: TransformerSketch {
    var sketch = TransformerSketch()
    sketch.norm = .rms(offset: 0)
    sketch.heads = 4
    sketch.keyValueHeads = 2
    sketch.positions = nil
    sketch.rotary = Rotary()
    sketch.middle = .gated(.silu)
    sketch.hasBiases = false
    return sketch
  }

  private struct Maker {
    let sketch: TransformerSketch
    var builder = ModelGraph.Builder(source: "sketch", channelOrder: .last)
    var weights: Weights = [:]
    var generator: SeededGenerator

    init(sketch: TransformerSketch) {
      self.sketch = sketch
      generator = SeededGenerator(seed: sketch.seed)
    }

    mutating func tensor(_ name: String, _ shape: [Int], around centre: Float = 0, by size: Float)
      -> String
    {
      if weights[name] == nil {
        let count = shape.reduce(1, *)
        weights[name] = Tensor(
          shape: shape,
          values: (0..<count).map { _ in centre + size * Float(generator.normal()) })
      }
      return name
    }

    mutating func dense(
      _ name: String, _ units: Int, _ input: Int, bias: Bool? = nil, outputFirst: Bool = true
    ) throws -> Int {
      let inputs = builder.channels(of: input) ?? 0
      let shape = outputFirst ? [units, inputs] : [inputs, units]
      let kernel = tensor(
        name + ".weight", shape, by: 1 / Float(inputs).squareRoot())
      var parameters = [
        Parameter(
          role: .kernel, tensor: kernel, shape: shape,
          axes: outputFirst ? [.output, .input] : [.input, .output])
      ]
      if bias ?? sketch.hasBiases {
        parameters.append(
          Parameter(
            role: .bias, tensor: tensor(name + ".bias", [units], by: 0.5), shape: [units],
            axes: [.output]))
      }
      return try builder.add(name, .dense(units: units), inputs: [input], parameters: parameters)
    }

    mutating func normalized(_ name: String, _ input: Int, blocks: Int = 1) throws -> Int {
      let width = (builder.channels(of: input) ?? 0) / blocks
      let meaning: Parameter.Axis = blocks > 1 ? .fixed : .output
      func gamma(around centre: Float) -> Parameter {
        Parameter(
          role: .gamma, tensor: tensor(name + ".weight", [width], around: centre, by: 0.3),
          shape: [width], axes: [meaning])
      }
      switch sketch.norm {
      case .layer where blocks == 1:
        return try builder.add(
          name, .layerNormalization(epsilon: 1e-5, axisCount: 1), inputs: [input],
          parameters: [
            gamma(around: 1),
            Parameter(
              role: .beta, tensor: tensor(name + ".bias", [width], by: 0.3), shape: [width],
              axes: [.output]),
          ])
      case .rms(let offset):
        return try builder.add(
          name, .rmsNormalization(RMSNormalization(epsilon: 1e-6, offset: offset, blocks: blocks)),
          inputs: [input], parameters: [gamma(around: Float(1 - offset))])
      default:
        return try builder.add(
          name, .rmsNormalization(RMSNormalization(epsilon: 1e-6, blocks: blocks)),
          inputs: [input], parameters: [gamma(around: 1)])
      }
    }

    mutating func select(
      _ name: String, _ start: Int, _ width: Int, stride: Int? = nil, count: Int = 1, _ input: Int
    ) throws -> Int {
      try builder.add(
        name,
        .select(ChannelSelection(start: start, width: width, stride: stride, count: count)),
        inputs: [input])
    }

    mutating func attention(_ name: String, _ input: Int) throws -> Int {
      let (heads, shared, width) = (sketch.heads, sketch.keyValueHeads, sketch.headWidth)
      var (query, key, value): (Int, Int, Int)
      switch sketch.projections {
      case .separate:
        query = try dense(name + ".q", heads * width, input)
        key = try dense(name + ".k", shared * width, input)
        value = try dense(name + ".v", shared * width, input)
      case .fused:
        let all = try dense(name + ".qkv", 3 * heads * width, input, outputFirst: false)
        query = try select(name + ".q", 0, heads * width, all)
        key = try select(name + ".k", heads * width, heads * width, all)
        value = try select(name + ".v", 2 * heads * width, heads * width, all)
      case .byHead:
        let all = try dense(name + ".qkv", 3 * heads * width, input)
        query = try select(name + ".q", 0, width, stride: 3 * width, count: heads, all)
        key = try select(name + ".k", width, width, stride: 3 * width, count: heads, all)
        value = try select(name + ".v", 2 * width, width, stride: 3 * width, count: heads, all)
      }
      if sketch.normalizesHeads {
        query = try normalized(name + ".qNorm", query, blocks: heads)
        key = try normalized(name + ".kNorm", key, blocks: shared)
      }
      var operation = Attention(
        heads: heads, keyValueHeads: shared, isCausal: true, softCap: sketch.softCap,
        rotary: sketch.rotary)
      var parameters: [Parameter] = []
      if sketch.hasPositionBias {
        operation.bias = .buckets(count: 4, longestDistance: 4, isBidirectional: false)
        parameters = [
          Parameter(
            role: .positionBias, tensor: tensor("positionBias.weight", [4, heads], by: 1),
            shape: [4, heads], axes: [.fixed, .head])
        ]
      }
      let mixed = try builder.add(
        name + ".mixed", .attention(operation), inputs: [query, key, value],
        parameters: parameters)
      return try dense(name + ".o", sketch.width, mixed)
    }

    mutating func hidden(_ name: String, _ input: Int) throws -> Int {
      switch sketch.middle {
      case .plain(let activation):
        let up = try dense(name + ".up", sketch.hidden, input)
        let act = try builder.add(name + ".act", .activation(activation), inputs: [up])
        return try dense(name + ".down", sketch.width, act)
      case .gated(let activation):
        let gate = try dense(name + ".gate", sketch.hidden, input)
        let up = try dense(name + ".up", sketch.hidden, input)
        let act = try builder.add(name + ".act", .activation(activation), inputs: [gate])
        let product = try builder.add(name + ".product", .multiply, inputs: [act, up])
        return try dense(name + ".down", sketch.width, product)
      case .experts(let routing):
        let router = try dense(name + ".router", 3, input)
        let weights = try builder.add(name + ".routing", .routing(routing), inputs: [router])
        let experts = try (0..<3).map { expert in
          let up = try dense("\(name).experts.\(expert).up", sketch.hidden, input)
          let act = try builder.add(
            "\(name).experts.\(expert).act", .activation(.gelu(approximate: false)), inputs: [up])
          return try dense("\(name).experts.\(expert).down", sketch.width, act)
        }
        return try builder.add(name + ".mixture", .mixture, inputs: [weights] + experts)
      }
    }

    mutating func block(_ name: String, _ input: Int) throws -> Int {
      var stream = input
      for (index, part) in ["attention", "hidden"].enumerated() {
        let name = "\(name).\(part)"
        var branch = stream
        if case .after = sketch.placement {
        } else {
          branch = try normalized(name + ".norm", branch)
        }
        branch = index == 0 ? try attention(name, branch) : try hidden(name, branch)
        if case .branches = sketch.placement { branch = try normalized(name + ".post", branch) }
        if sketch.hasScales {
          branch = try builder.add(
            name + ".scale", .channelScale, inputs: [branch],
            parameters: [
              Parameter(
                role: .gamma,
                tensor: tensor(name + ".scale", [sketch.width], around: 0.5, by: 0.2),
                shape: [sketch.width], axes: [.output])
            ])
        }
        stream = try builder.add(name + ".sum", .add, inputs: [stream, branch])
        if case .after = sketch.placement { stream = try normalized(name + ".norm", stream) }
      }
      return stream
    }

    mutating func graph() throws -> ModelGraph {
      let input = try builder.input("tokens", shape: [nil])
      let shape = [sketch.vocabulary, sketch.width]
      var stream = try builder.add(
        "embed",
        .embedding(vocabulary: sketch.vocabulary, size: sketch.width, masksZero: false),
        inputs: [input],
        parameters: [
          Parameter(
            role: .embeddings, tensor: tensor("embed.weight", shape, by: 1), shape: shape,
            axes: [.fixed, .output])
        ])
      if let positions = sketch.positions {
        let shape = [positions, sketch.width]
        stream = try builder.add(
          "positions", .tableAddition(firstRow: 0, isOneRow: false), inputs: [stream],
          parameters: [
            Parameter(
              role: .embeddings, tensor: tensor("positions.weight", shape, by: 1), shape: shape,
              axes: [.fixed, .output])
          ])
      }
      if case .after = sketch.placement { stream = try normalized("embed.norm", stream) }
      for layer in 0..<sketch.layers { stream = try block("h.\(layer)", stream) }
      if case .after = sketch.placement {} else { stream = try normalized("norm", stream) }
      let head: Int
      if sketch.isTied {
        head = try builder.add(
          "head", .dense(units: sketch.vocabulary), inputs: [stream],
          parameters: [
            Parameter(
              role: .kernel, tensor: "embed.weight", shape: shape, axes: [.output, .input])
          ])
      } else {
        head = try dense("head", sketch.vocabulary, stream, bias: sketch.headHasBias)
      }
      return try builder.finish(outputs: [head])
    }
  }
}
