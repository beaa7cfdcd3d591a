import Catalogs

/// One layer of PyTorch's `nn.RNN`, `nn.GRU` or `nn.LSTM`, in one or both directions, or one of their
/// cells, as the shapes of its tensors tell it.
///
/// `weight_ih` is [gates · units, inputs], `weight_hh` [gates · units, units]; the gates of an LSTM stand
/// in the order input, forget, cell, output, those of a GRU reset, update, new (the pages of `torch.nn.LSTM`
/// and `torch.nn.GRU`). An LSTM with a projection has `weight_hr` [projected, units], and `weight_hh` reads
/// the projected state.
struct RecurrentModule: Sendable {
  /// The tensors of one direction.
  struct Cell: Sendable {
    var kernel: TensorEntry
    var recurrentKernel: TensorEntry
    /// `bias_ih` and `bias_hh`; none where the module was made without.
    var biases: [TensorEntry] = []
    var projection: TensorEntry?

    /// All of them.
    var tensors: [TensorEntry] {
      [kernel, recurrentKernel] + biases + [projection].compactMap { $0 }
    }
  }

  var kind: Recurrent.Kind
  var units: Int
  /// The features that it reads.
  var input: Int
  /// Forward, and backward where there is one.
  var cells: [Cell]
  /// Its number in its module, and how many there are.
  var number = 0
  var count = 1

  /// Whether another layer of its module reads it, and nothing else.
  var isInner: Bool { number + 1 < count }
  /// Whether a projection follows.
  var isProjected: Bool { cells.contains { $0.projection != nil } }
  /// The features that it makes.
  var output: Int { cells.reduce(0) { $0 + ($1.projection?.shape[0] ?? units) } }

  /// The tensors of a direction, with the meaning of their axes.
  func parameters(_ cell: Int) -> [Parameter] {
    let gates = Parameter.Axis.output(blocks: kind.gateCount)
    let own = cells[cell]
    func parameter(
      _ role: Parameter.Role, _ entry: TensorEntry, _ axes: [Parameter.Axis]
    ) -> Parameter {
      Parameter(role: role, tensor: entry.name, shape: entry.shape, axes: axes)
    }
    return [
      parameter(.kernel, own.kernel, [gates, .input]),
      parameter(.recurrentKernel, own.recurrentKernel, [gates, .recurrentInput]),
    ] + zip([.bias, .recurrentBias], own.biases).map { parameter($0, $1, [gates]) }
  }
}

extension RecurrentModule {
  /// The layers of a module whose tensors have PyTorch's names; nil where they have not, or do not fit
  /// each other.
  ///
  /// - Parameter members: the tensors by the last words of their names: `weight_ih_l0_reverse`.
  static func layers(of members: [(leaf: String, entry: TensorEntry)]) -> [RecurrentModule]? {
    var found: [Int: [Bool: [String: TensorEntry]]] = [:]
    for (leaf, entry) in members {
      guard let name = Leaf(leaf),
        found[name.layer, default: [:]][name.isReversed, default: [:]]
          .updateValue(entry, forKey: name.part) == nil
      else { return nil }
    }
    guard !found.isEmpty, found.keys.sorted() == Array(0..<found.count) else { return nil }
    var layers: [RecurrentModule] = []
    for number in 0..<found.count {
      guard let directions = found[number], let forward = directions[false],
        var layer = RecurrentModule(forward)
      else { return nil }
      if let reversed = directions[true] {
        guard let backward = RecurrentModule(reversed), backward.kind == layer.kind,
          backward.units == layer.units, backward.input == layer.input,
          backward.output == layer.output
        else { return nil }
        layer.cells += backward.cells
      }
      if let below = layers.last {
        guard below.output == layer.input, below.kind == layer.kind, below.units == layer.units,
          below.cells.count == layer.cells.count
        else { return nil }
      }
      layer.number = number
      layer.count = found.count
      layers.append(layer)
    }
    return layers
  }

  /// One direction; nil where a shape does not fit.
  private init?(_ parts: [String: TensorEntry]) {
    guard let kernel = parts["weight_ih"], let own = parts["weight_hh"], kernel.shape.count == 2,
      own.shape.count == 2, kernel.shape[0] == own.shape[0],
      (kernel.shape + own.shape).allSatisfy({ (1...CheckedShape.longestAxis).contains($0) })
    else { return nil }
    let rows = kernel.shape[0]
    let projection = parts["weight_hr"]
    if let projection {
      guard projection.shape.count == 2, projection.shape[0] == own.shape[1],
        projection.shape[1] >= 1
      else { return nil }
    }
    let units = projection?.shape[1] ?? own.shape[1]
    guard rows % units == 0,
      let kind = [Recurrent.Kind.simple, .gru, .lstm].first(where: { $0.gateCount == rows / units }
      ),
      projection == nil || kind == .lstm
    else { return nil }
    let biases = [parts["bias_ih"], parts["bias_hh"]].compactMap { $0 }
    guard biases.count != 1, biases.allSatisfy({ $0.shape == [rows] }) else { return nil }
    self.kind = kind
    self.units = units
    input = kernel.shape[1]
    cells = [
      Cell(kernel: kernel, recurrentKernel: own, biases: biases, projection: projection)
    ]
  }

  /// The last word of a tensor's name, taken apart.
  struct Leaf {
    /// `weight_ih`, `bias_hh`.
    var part: String
    var layer = 0
    var isReversed = false

    init?(_ leaf: String) {
      var words = leaf.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
      if words.count == 4, words[3] == "reverse" {
        isReversed = true
        words.removeLast()
      }
      if words.count == 3, words[2].first == "l", let number = Int(words[2].dropFirst()),
        (0..<4096).contains(number)
      {
        layer = number
        words.removeLast()
      } else if isReversed {
        return nil
      }
      part = words.joined(separator: "_")
      guard ["weight_ih", "weight_hh", "weight_hr", "bias_ih", "bias_hh"].contains(part) else {
        return nil
      }
    }
  }
}

extension StateModule {
  /// A recurrent layer. One of several of a module has its number in its name: `rnn.l0`.
  init(_ path: String, _ layer: RecurrentModule) {
    self.init(
      path: layer.count == 1 ? path : "\(path).l\(layer.number)", kind: .recurrent,
      tensors: [.kernel: layer.cells[0].kernel], isNamedAsKeras: false)
    recurrent = layer
  }

  /// Takes matrices for tables where a recurrent layer reads their rows, and their names and shapes are
  /// those of no other layer: [words, features], and no bias.
  static func readTables(_ modules: inout [StateModule]) {
    let inputs = Set(modules.compactMap { $0.recurrent?.number == 0 ? $0.recurrent?.input : nil })
    for index in modules.indices {
      let module = modules[index]
      guard module.kind == .dense, module.tensors.count == 1, module.shape.count == 2,
        inputs.contains(module.shape[1]), !inputs.contains(module.shape[0]),
        NameEvidence.saysTable(module.path)
      else { continue }
      modules[index].kind = .embedding
      modules[index].tensors = [.embeddings: module.tensors[.kernel]].compactMapValues { $0 }
    }
  }
}
