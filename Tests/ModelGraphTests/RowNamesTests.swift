import Catalogs
import ModelGraph
import Testing

/// What names and the order of a file say against a row, although the shapes fit.
///
/// Found by `Tests/Peers/random_networks.py`, which has PyTorch and Keras judge what was written. Other
/// members that it drew: towers and heads of one word each with and without numbers, conditions that
/// scale and shift, U-Nets and inception modules by numbers alone, autoencoders whose layers stand in
/// any order. Each was refused, or its units in doubt stayed.
@Suite("Names that speak against a row")
struct RowNamesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var tensors: [(String, [Int])]
    var groups: [String]
    /// Whether the file keeps the order in which layers were defined.
    var isPyTorch = true
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "the only order that fits is not that of the definition: branches",
      tensors: [
        ("path.0", [4, 4]), ("path.2", [4, 4]), ("hidden.0", [4, 8]), ("last.0", [2, 4]),
      ], groups: []),
    Case(
      name: "… with widths that differ", tensors: [("b", [5, 7]), ("a", [7, 3]), ("c", [2, 5])],
      groups: []),
    Case(
      name: "a word of its own for every layer is no series, with a number or without",
      tensors: [
        ("stem.0", [3, 1, 3, 3]), ("inner.0", [13, 3, 3, 3]), ("pi.0", [13, 13]),
        ("cls.0", [5, 13]),
      ], groups: ["stem.0"]),
    Case(
      name: "two layers called after one end are heads",
      tensors: [("stem", [8, 6]), ("head1", [8, 8]), ("head2", [3, 8])], groups: []),
    Case(
      name: "… or inputs",
      tensors: [("input1", [8, 8]), ("input2", [8, 8]), ("fc", [3, 8])], groups: []),
    Case(
      name: "a condition gives scales and shifts: the head does not come before it",
      tensors: [("inp", [16, 12]), ("condition", [32, 12]), ("head", [12, 16])], groups: []),
    Case(
      name: "… where names say nothing and the file keeps no order",
      tensors: [("alpha", [32, 10]), ("bravo", [10, 16]), ("charlie", [16, 12])], groups: ["bravo"],
      isPyTorch: false),
    Case(
      name: "a row that ends as it begins may begin anywhere",
      tensors: [("tango", [9, 7]), ("kilo", [4, 9]), ("golf", [7, 4])], groups: []),
    Case(
      name: "… but numbers keep their order, and an encoder comes before its decoder",
      tensors: [
        ("encoder.0", [9, 7]), ("encoder.2", [4, 9]), ("decoder.0", [5, 4]), ("decoder.2", [7, 5]),
      ], groups: ["encoder.0", "encoder.2", "decoder.0"]),
    Case(
      name: "a layer without a number does not come before those that have one",
      tensors: [("dense1", [6, 8]), ("dense2", [2, 6]), ("fc", [8, 4])], groups: [],
      isPyTorch: false),
    Case(
      name: "one of several layers is normalised, as the sum of two is",
      tensors: [
        ("layer1", [8, 6]), ("layer2", [8, 8]), ("layer3", [8, 8]), ("bn1", [8]), ("head", [3, 8]),
      ], groups: []),
    Case(
      name: "convolutions of one pixel after a larger one: a gate by its mean",
      tensors: [
        ("conv1", [8, 3, 3, 3]), ("conv2", [8, 8, 1, 1]), ("conv3", [8, 8, 1, 1]), ("fc", [4, 8]),
      ], groups: []),
    Case(
      name: "in groups, or reading what an earlier layer of as many channels gave",
      tensors: [
        ("c1", [2, 11, 3, 3]), ("c2", [8, 2, 3, 3]), ("c3", [8, 2, 3, 3]), ("fc", [5, 8]),
      ], groups: []),
  ]

  private func catalog(_ tensors: [(String, [Int])], isPyTorch: Bool) -> Catalog {
    let named = tensors.flatMap { name, shape in
      (shape.count == 1 ? ["weight", "bias", "running_mean", "running_var"] : ["weight"]).map {
        ("\(name).\($0)", shape)
      }
    }
    var catalog = Catalog(isPyTorch ? named : named.sorted { $0.0 < $1.0 })
    if isPyTorch { catalog.format = .pytorch }
    return catalog
  }

  @Test("units stay where names or the file's order speak against the row", arguments: cases)
  func stays(_ example: Case) throws {
    let graph = try ModelGraph(catalog(example.tensors, isPyTorch: example.isPyTorch))
    #expect(try graph.permutationGroups().map(\.name) == example.groups)
    let kernels = example.tensors.count { $0.1.count > 1 }
    #expect(graph.heldLayers.count == kernels - 1 - example.groups.count)
    // Each case is a row where the user says so.
    let row = GraphStatement(readings: [.row])
    let stated = try ModelGraph(
      catalog(example.tensors, isPyTorch: example.isPyTorch), statement: row)
    #expect(stated.heldReasons.isEmpty && stated.heldLayers.isEmpty)
  }

  @Test("numbers are the order: one that does not fit is no row")
  func numbers() {
    let net = [
      ("l1.0", [8, 4, 3, 3]), ("l2.0", [4, 8, 3, 3]), ("l3.0", [8, 12, 3, 3]),
      ("l4.0", [10, 8, 1, 1]),
    ]
    for isPyTorch in [true, false] {
      let text = message { _ = try ModelGraph(catalog(net, isPyTorch: isPyTorch)) }
      #expect(text.contains("the layers do not form a chain"), "\(text)")
    }
  }

  @Test("kernels that fit only the other way than their names say are no row")
  func otherAxes() {
    // As [in, out], 8 → 6 → 4; PyTorch's names say 6 → 8 and 4 → 6: two branches.
    let branches = [("fc1", [8, 6]), ("fc2", [6, 4])]
    // Every 3×3 kernel has 3 outputs and 3 inputs, so read.
    let images = [("conv1", [8, 4, 3, 3]), ("conv2", [4, 8, 3, 3]), ("conv3", [8, 12, 3, 3])]
    for net in [branches, images] {
      let text = message { _ = try ModelGraph(catalog(net, isPyTorch: true)) }
      #expect(text.contains("the layers do not form a chain"), "\(text)")
    }
  }

  @Test("an end's word in the middle is refused where the file keeps no order")
  func misplaced() {
    let text = message {
      _ = try ModelGraph(
        catalog(
          [("condition", [32, 12]), ("head", [12, 16]), ("inp", [16, 12])], isPyTorch: false))
    }
    #expect(text.contains("head: by the shapes"))
  }

  /// The files are those of `keras.Model` subclasses, of functional models and of `Sequential`, as
  /// Keras 3.15 writes them (the layouts were looked at with h5py; members tried with `wsl match`: a
  /// subclass of attributes after `layers` in the alphabet, before it, and both).
  @Test("a Keras model that is called after a class of one's own is no row for certain")
  func ownClass() throws {
    func groups(of model: String?, inputs: Bool = false) throws -> [String] {
      var catalog = Catalog(
        [(6, 8), (8, 8), (8, 3)].enumerated().map { index, shape in
          ("layers/dense\(index == 0 ? "" : "_\(index)")/vars/0", [shape.0, shape.1])
        })
      if let model { catalog.attributes["vars", default: [:]]["name"] = .string(model) }
      if inputs { catalog.groups.append("layers/input_layer") }
      return try ModelGraph(catalog).permutationGroups().map(\.name)
    }
    #expect(try groups(of: "net").isEmpty)
    #expect(try groups(of: "my_model_1").isEmpty)
    for name in [nil, "sequential", "sequential_3", "functional_12"] {
      #expect(try groups(of: name) == ["dense", "dense_1"])
    }
    // A functional model lists its inputs, whatever it is called.
    #expect(try groups(of: "net", inputs: true) == ["dense", "dense_1"])
  }

  /// A group without tensors is all that a file of Keras 3 keeps of such a layer, under its class's name.
  /// (Seen in files of Keras 3.15: `lambda`, `permute`, `repeat_vector`, a class of one's own `reverse`.)
  @Test("layers without tensors that may join or reorder units are not passed over")
  func withoutTensors() throws {
    func groups(_ layer: String) throws -> [String] {
      var catalog = Catalog([
        ("layers/dense/vars/0", [6, 8]), ("layers/dense_1/vars/0", [8, 8]),
        ("layers/dense_2/vars/0", [8, 3]),
      ])
      catalog.groups = ["layers", "layers/dense", "layers/\(layer)", "layers/input_layer"]
      return try ModelGraph(catalog).permutationGroups().map(\.name)
    }
    for layer in ["dropout_1", "re_lu", "activation_2", "flatten", "gaussian_noise"] {
      #expect(try groups(layer) == ["dense", "dense_1"])
    }
    for layer in ["permute", "reverse", "repeat_vector", "add", "lambda", "my_layer_1"] {
      #expect(message { _ = try groups(layer) }.contains("› \(layer): the file holds weights"))
    }
    // Most often it stands at the input; nothing in doubt moves.
    #expect(try groups("reshape").isEmpty)
  }

  @Test("… and so it is where TensorFlow put the class's name before those of its tensors")
  func ownScope() throws {
    func groups(_ scope: String) throws -> [String] {
      let names = ["dense", "dense_1", "dense_2"]
      let shapes = [[6, 8], [8, 8], [8, 3]]
      var texts: [String: [String: [String]]] = ["": ["layer_names": names]]
      for name in names { texts[name] = ["weight_names": ["\(scope)\(name)/kernel:0"]] }
      let tensors = zip(names, shapes).map { ("\($0)/\(scope)\($0)/kernel:0", $1) }
      return try ModelGraph(Catalog(tensors, texts: texts)).permutationGroups().map(\.name)
    }
    for scope in ["", "sequential/", "model_2/"] {
      #expect(try groups(scope) == ["dense", "dense_1"])
    }
    for scope in ["net/", "my_model_1/", "outer/inner/"] { #expect(try groups(scope).isEmpty) }
  }
}
