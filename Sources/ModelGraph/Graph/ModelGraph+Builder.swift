import Catalogs
import Support

extension ModelGraph {
  /// Builds a graph layer by layer: infers shapes, checks tensors, keeps names unique.
  ///
  ///     var builder = ModelGraph.Builder(source: "example", channelOrder: .last)
  ///     let input = try builder.input(shape: [784])
  ///     let hidden = try builder.add("hidden", .dense(units: 64), inputs: [input])
  ///     let graph = try builder.finish(outputs: [hidden])
  public struct Builder {
    /// The most layers that a graph may have. A small configuration can describe many more, by
    /// nesting shared models.
    public static let mostLayers = 100_000

    /// Where the channels stand.
    public let channelOrder: ChannelOrder
    /// The graph so far, without outputs.
    public private(set) var graph: ModelGraph
    private var names: Set<String> = []
    private var repetitions: [String: Int] = [:]

    /// Begins an empty graph.
    public init(source: String, channelOrder: ChannelOrder) {
      self.channelOrder = channelOrder
      graph = ModelGraph(source: source, channelOrder: channelOrder, layers: [], outputs: [])
    }

    /// Adds a place where data comes in.
    ///
    /// - Parameter shape: the shape of one example; nil for lengths that only the data decide.
    /// - Returns: the index of the layer.
    public mutating func input(_ name: String = "input", shape: [Int?]) throws -> Int {
      try add(name, .input, inputs: [], outputShape: shape)
    }

    /// Adds a layer after the ones it reads.
    ///
    /// - Parameters:
    ///   - name: its name; a second layer of that name is called `name@2`.
    ///   - outputShape: the shape, where the file gives it and it cannot be inferred.
    /// - Returns: the index of the layer.
    /// - Throws: `Diagnostic` of code `badData` that names the layer, where shapes do not chain or
    ///   a tensor does not fit.
    public mutating func add(
      _ name: String, _ operation: Operation, inputs: [Int], parameters: [Parameter] = [],
      outputShape: [Int?]? = nil
    ) throws -> Int {
      guard graph.layers.count < Builder.mostLayers else {
        throw Diagnostic(
          .badData, "the network has more than \(Builder.mostLayers) layers", at: [name])
      }
      precondition(inputs.allSatisfy(graph.layers.indices.contains), "inputs come first")
      let shape: [Int?]
      do {
        shape =
          try outputShape
          ?? operation.outputShape(
            of: inputs.map { graph.layers[$0].outputShape }, channelOrder: channelOrder)
      } catch let error as Diagnostic {
        throw error.inside(name)
      }
      guard CheckedShape.isPlausible(shape) else {
        throw Diagnostic(
          .badData, "an output of shape \(describe(shape)) cannot be right", at: [name])
      }
      let layer = Layer(
        name: unique(name), operation: operation, inputs: inputs, parameters: parameters,
        outputShape: shape)
      let channels = inputs.first.flatMap {
        FeatureShape(graph.layers[$0].outputShape, channelOrder).channels
      }
      try layer.checkParameters(inputChannels: channels, channelOrder: channelOrder)
      graph.layers.append(layer)
      return graph.layers.count - 1
    }

    /// The shape of a layer's output.
    public func shape(of layer: Int) -> [Int?] { graph.layers[layer].outputShape }

    /// The name of a layer.
    public func name(of layer: Int) -> String { graph.layers[layer].name }

    /// The number of channels of a layer's output, where known.
    public func channels(of layer: Int) -> Int? {
      FeatureShape(shape(of: layer), channelOrder).channels
    }

    /// Notes a tensor or layer that is left alone.
    public mutating func skip(_ name: String, _ reason: String) {
      graph.skipped.append(Skipped(name: name, reason: reason))
    }

    /// Notes what the file does not say.
    public mutating func assume(_ assumption: Assumption) {
      if !graph.assumptions.contains(assumption) { graph.assumptions.append(assumption) }
    }

    /// Keeps the units of a layer's output in place.
    public mutating func hold(_ layer: Int) {
      if !graph.heldLayers.contains(layer) { graph.heldLayers.append(layer) }
    }

    /// Says how sure the graph is; `declared` where nothing is said.
    public mutating func be(_ certainty: Certainty) { graph.certainty = certainty }

    /// Notes why the graph cannot be run; the first reason stands.
    public mutating func cannotRun(_ reason: String) {
      if graph.whyNotRunnable == nil { graph.whyNotRunnable = reason }
    }

    /// Takes back the layers from an index on.
    mutating func removeLayers(from index: Int) {
      for layer in graph.layers[index...] { names.remove(layer.name) }
      graph.layers.removeSubrange(index...)
    }

    /// The graph.
    ///
    /// - Throws: `Diagnostic` of code `badData` where there is no output.
    public func finish(outputs: [Int]) throws -> ModelGraph {
      guard !outputs.isEmpty, outputs.allSatisfy(graph.layers.indices.contains) else {
        throw Diagnostic(.badData, "the network has no output")
      }
      var result = graph
      result.outputs = outputs
      return result
    }

    private mutating func unique(_ name: String) -> String {
      if names.insert(name).inserted { return name }
      var number = repetitions[name, default: 1] + 1
      while !names.insert("\(name)@\(number)").inserted { number += 1 }
      repetitions[name] = number
      return "\(name)@\(number)"
    }
  }
}
