import Catalogs
import Support

/// Adds the layers of a description to a graph.
struct GraphFileReader {
  var builder: ModelGraph.Builder
  let catalog: Catalog
  private let entries: [String: TensorEntry]
  /// The tensor of a name, where names are not those of the file.
  var find: ((String) -> TensorEntry?)?
  /// The name of a layer in the graph, where it is another one.
  var nameInFile: ((String) -> String)?
  private var indices: [String: Int] = [:]

  init(builder: ModelGraph.Builder, catalog: Catalog) {
    self.builder = builder
    self.catalog = catalog
    var entries: [String: TensorEntry] = [:]
    for entry in catalog.tensors {
      entries[entry.name] = entry
      // A description may write dots where the file has slashes.
      let dotted = entry.name.replacing("/", with: ".")
      if entries[dotted] == nil { entries[dotted] = entry }
    }
    self.entries = entries
  }

  /// The index of the last layer.
  var last: Int { builder.graph.layers.count - 1 }

  /// The index of a layer.
  func index(of name: String) throws -> Int {
    guard let index = indices[name] else {
      throw Diagnostic(
        .badData,
        "there is no layer \(name) before this one: layers come after what they read, so "
          + "that they form no cycle")
    }
    return index
  }

  /// Adds a layer.
  mutating func add(_ layer: GraphFileLayer) throws {
    do {
      guard indices[layer.name] == nil else {
        throw Diagnostic(.badData, "two layers have this name")
      }
      if layer.type == "input" {
        indices[layer.name] = try builder.input(
          layer.name, shape: layer.shape("shape"))
        return
      }
      let names = try layer.inputs()
      guard names != nil || last >= 0 else {
        throw Diagnostic(.badData, "the first layer is an input")
      }
      let inputs = try names?.map { try index(of: $0) } ?? [last]
      guard let input = inputs.first else { throw Diagnostic(.badData, "it reads nothing") }
      if !layer.has("parameters"), let index = try addPyTorchRecurrent(layer, input) {
        indices[layer.name] = index
        return
      }
      let operation = try sequenceOperation(of: layer, input) ?? operation(of: layer, input)
      var parameters = try statedParameters(of: layer) ?? parameters(of: layer, operation)
      if layer.has("copies") { parameters += copies(of: parameters, layer) }
      var shape: [Int?]?
      if case .unsupported(let type) = operation {
        shape = layer.has("shape") ? try layer.shape("shape") : nil
        if layer.type == "activation" { shape = builder.shape(of: input) }
        builder.skip(layer.name, "layers of type \(type) are not understood")
        builder.cannotRun("layer \(layer.name): layers of type \(type) are not understood")
      }
      indices[layer.name] = try builder.add(
        nameInFile?(layer.name) ?? layer.name, operation, inputs: inputs, parameters: parameters,
        outputShape: shape)
    } catch let error as Diagnostic {
      throw error.inside(layer.name)
    }
  }

  // MARK: Tensors

  /// The further names of a layer's tensors, where the file has them: they move along.
  private func copies(of parameters: [Parameter], _ layer: GraphFileLayer) -> [Parameter] {
    parameters.flatMap { own in
      layer.copies(own.role.rawValue).compactMap { name in
        guard let entry = tensor(named: name), entry.name != own.tensor, entry.shape == own.shape
        else {
          return nil
        }
        return Parameter(role: own.role, tensor: entry.name, shape: own.shape, axes: own.axes)
      }
    }
  }

  /// The tensors of a layer, with the meaning of their axes.
  private func parameters(
    of layer: GraphFileLayer, _ operation: Operation
  ) throws -> [Parameter] {
    // One that a layer can do without is no less meant where it is named.
    // A family names what its files may have.
    for name in layer.tensorNames where find == nil && entries[name] == nil {
      throw Diagnostic(.badData, "the file has no tensor \(name)")
    }
    switch operation {
    case .dense(let units):
      return [try kernel(layer, rank: 0, output: units)] + (try bias(layer, units))
    case .convolution(let convolution):
      let rank = convolution.kernelSize.count
      return [try kernel(layer, rank: rank, output: convolution.filters)]
        + (try bias(layer, convolution.filters))
    case .batchNormalization:
      return [
        try vector(.gamma, layer, ["weight", "gamma", "scale"]),
        try vector(.beta, layer, ["bias", "beta"]),
        try vector(.movingMean, layer, ["running_mean", "moving_mean"]),
        try vector(.movingVariance, layer, ["running_var", "moving_variance"]),
      ].compactMap { $0 }
    case .layerNormalization:
      return [
        try vector(.gamma, layer, ["weight", "gamma", "scale"]),
        try vector(.beta, layer, ["bias", "beta"]),
      ].compactMap { $0 }
    case .embedding:
      let entry = try required(layer, "embeddings", ["weight", "embeddings"])
      return [parameter(.embeddings, entry, [.fixed, .output])]
    case .recurrent(let recurrent):
      let gates = Parameter.Axis.output(blocks: recurrent.kind.gateCount)
      let input = try required(layer, "kernel", ["kernel"])
      let own = try required(layer, "recurrentKernel", ["recurrent_kernel"])
      let shift = entry(layer, "bias", ["bias"])
      return [
        try ranked(parameter(.kernel, input, [.input, gates])),
        try ranked(parameter(.recurrentKernel, own, [.recurrentInput, gates])),
      ]
        + shift.map {
          [parameter(.bias, $0, $0.shape.count == 2 ? [.fixed, gates] : [gates])]
        }.unwrapped
    default: return try sequenceParameters(of: layer, operation)
    }
  }

  private func kernel(
    _ layer: GraphFileLayer, rank: Int, output: Int
  ) throws -> Parameter {
    let entry = try required(layer, "kernel", ["weight", "kernel"])
    guard entry.shape.count == rank + 2 else {
      throw Diagnostic(
        .badData,
        "the tensor \(entry.name) is \(describe(entry.shape)), and the kernel has "
          + "\(rank + 2) axes")
    }
    let spatial = (0..<rank).map { Parameter.Axis.spatial($0) }
    let layout = layer.text("layout") ?? (entry.name.hasSuffix("kernel") ? "keras" : "pytorch")
    // A dense kernel lies as it fits, where only one way does.
    let fitsFirst = entry.shape[0] == output
    let fitsLast = entry.shape[rank + 1] == output
    let isFirst = fitsFirst != fitsLast ? fitsFirst : layout == "pytorch"
    let axes = isFirst ? [.output, .input] + spatial : spatial + [.input, .output]
    return parameter(.kernel, entry, axes)
  }

  private func bias(_ layer: GraphFileLayer, _ count: Int) throws -> [Parameter] {
    guard let entry = entry(layer, "bias", ["bias"]) else { return [] }
    return [try ranked(parameter(.bias, entry, [.output]))]
  }

  func vector(
    _ role: Parameter.Role, _ layer: GraphFileLayer, _ words: [String]
  ) throws -> Parameter? {
    guard let entry = entry(layer, role.rawValue, words) else { return nil }
    return try ranked(parameter(role, entry, [.output]))
  }

  /// A parameter; one whose tensor has another number of axes is refused by `ranked`.
  func parameter(
    _ role: Parameter.Role, _ entry: TensorEntry, _ axes: [Parameter.Axis]
  ) -> Parameter {
    let padding = Array(
      repeating: Parameter.Axis.fixed, count: max(0, entry.shape.count - axes.count))
    return Parameter(
      role: role, tensor: entry.name, shape: entry.shape,
      axes: Array((axes + padding).prefix(entry.shape.count)))
  }

  /// The parameter, where its tensor has as many axes as are meant, `fixed` of them those that nothing
  /// permutes.
  func ranked(_ parameter: Parameter, fixed: Int = 0) throws -> Parameter {
    let meant = parameter.axes.filter { $0 != .fixed }.count + fixed
    guard meant == parameter.shape.count, parameter.role != .recurrentKernel || meant == 2 else {
      throw Diagnostic(
        .badData,
        "the tensor \(parameter.tensor) is \(describe(parameter.shape)): a "
          + "\(parameter.role.rawValue) has another number of axes")
    }
    return parameter
  }

  func required(
    _ layer: GraphFileLayer, _ role: String, _ words: [String]
  ) throws -> TensorEntry {
    if let entry = entry(layer, role, words) { return entry }
    let wanted =
      layer.tensors(role)?.joined(separator: " or ")
      ?? words.map { "\(layer.name).\($0)" }.joined(separator: " or ")
    throw Diagnostic(.badData, "the file has no tensor \(wanted)")
  }

  func entry(
    _ layer: GraphFileLayer, _ role: String, _ words: [String]
  ) -> TensorEntry? {
    if layer.has("tensors"), let names = layer.tensors(role) {
      return names.lazy.compactMap { tensor(named: $0) }.first
    }
    for word in words {
      if let entry = tensor(named: "\(layer.name).\(word)")
        ?? tensor(named: "\(layer.name)/\(word)")
      {
        return entry
      }
    }
    return nil
  }

  /// The tensor that a description or a family calls so.
  func tensor(named name: String) -> TensorEntry? {
    find?(name) ?? entries[name]
  }
}

extension Optional where Wrapped == [Parameter] {
  fileprivate var unwrapped: [Parameter] { self ?? [] }
}
