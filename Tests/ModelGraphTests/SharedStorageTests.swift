import Catalogs
import Support
import Tensors
import Testing

@testable import ModelGraph

/// Tensors of one storage move together or not at all; what is not read is not passed over.
///
/// Tried: one kernel under two names in a row (one group of units), the first and the last kernel (all
/// fixed), a name that no layer has, a view of a part, a bias under two names.
@Suite("Tensors that share their storage") struct SharedStorageTests {
  /// A row of four dense layers of Keras, the middle ones square.
  private func catalog(
    _ linked: [String: String] = [:], skipped: [Catalog.Skipped] = []
  ) -> Catalog {
    var offset = 0
    let tensors: [TensorEntry] = [
      ("layers/dense/vars/0", [4, 6]), ("layers/dense/vars/1", [6]),
      ("layers/dense_1/vars/0", [6, 6]), ("layers/dense_1/vars/1", [6]),
      ("layers/dense_2/vars/0", [6, 6]), ("layers/dense_2/vars/1", [6]),
      ("layers/dense_3/vars/0", [6, 3]),
    ].map { name, shape in
      let entry = TensorEntry(
        name: name, shape: shape, elementType: .float32, layout: .contiguous(offset: offset))
      offset += entry.byteCount
      return entry
    }
    var catalog = Catalog(
      file: "row.weights.h5", format: .hdf5, byteCount: offset, tensors: tensors, skipped: skipped)
    for (name, target) in linked {
      if let index = catalog.tensors.firstIndex(where: { $0.name == name }),
        let other = catalog.tensors.first(where: { $0.name == target })
      {
        catalog.tensors[index].layout = other.layout
      }
    }
    catalog.linkedTensors = linked
    return catalog
  }

  /// The network as one that is declared: a row assumed from names keeps shared kernels in place.
  private func declared(_ catalog: Catalog) throws -> ModelGraph {
    try ModelGraph(catalog).settled(as: .declared)
  }

  /// The sizes of the groups, and how many axes move in each.
  private func groups(_ catalog: Catalog) throws -> [[Int]] {
    try declared(catalog).permutationGroups().map { [$0.size, $0.members.count] }
  }

  @Test("the graph is the same, and the units of a shared kernel's axes are one group")
  func oneKernelTwice() throws {
    let linked = catalog(["layers/dense_2/vars/0": "layers/dense_1/vars/0"])
    #expect(try ModelGraph(linked).fingerprint == ModelGraph(catalog()).fingerprint)
    #expect(try ModelGraph(linked).layers == ModelGraph(catalog()).layers)
    #expect(try groups(catalog()) == [[6, 3], [6, 3], [6, 3]])
    // Its input is the first layer's output and its own: all three move as one.
    #expect(try groups(linked) == [[6, 9]])
  }

  @Test("a shared bias joins the units of two layers alone")
  func oneBiasTwice() throws {
    let linked = catalog(["layers/dense_2/vars/1": "layers/dense_1/vars/1"])
    #expect(try groups(linked).sorted { $0[1] < $1[1] } == [[6, 3], [6, 6]])
  }

  @Test("what has a name that no layer has, or is a part of another tensor, stays")
  func unknownViews() throws {
    var view = catalog()
    let kernel = view.tensors[2]
    view.tensors.append(
      TensorEntry(
        name: "num_batches_tracked", shape: [2], elementType: .float32, layout: kernel.layout))
    #expect(view.sharedStorage().map(\.isOneTensor) == [false])
    var graph = try declared(catalog())
    graph.sharedStorage = view.sharedStorage()
    #expect(try graph.permutationGroups().map(\.name) == ["dense_2"])
    graph.sharedStorage = [SharedStorage(names: [kernel.name, "elsewhere"], isOneTensor: true)]
    #expect(try graph.permutationGroups().map(\.name) == ["dense_2"])
  }

  @Test("a pair moves as one what either file has once")
  func pairs() throws {
    let (plain, linked) = (
      try declared(catalog()),
      try declared(catalog(["layers/dense_2/vars/0": "layers/dense_1/vars/0"]))
    )
    #expect(try ModelPair(plain, plain).groupsA.count == 3)
    for (a, b) in [(plain, linked), (linked, plain)] {
      #expect(try ModelPair(a, b).groupsA.map(\.members.count) == [9])
      #expect(try ModelPair(a, b).groupsB.map(\.members.count) == [9])
    }
  }

  @Test("a tensor that is not read is not passed over where names alone tell the network")
  func unread() throws {
    func row(_ object: Catalog.Skipped) throws -> ModelGraph {
      try ModelGraph(catalog(skipped: [object]))
    }
    let scale = UnreadTensor(dtype: "F4", shape: [6])
    let error = #expect(throws: Diagnostic.self) {
      try row(.init(name: "layers/norm/vars/0", reason: "of the type F4", tensor: scale))
    }
    #expect(error?.location.contains("layers/norm/vars/0") == true)
    // Outside of the layers, but as long as they are wide: it may scale their units.
    #expect(throws: Diagnostic.self) {
      try row(.init(name: "gain", reason: "of the type F4", tensor: scale))
    }
    // Texts, one number, a list of another length outside of the layers, an optimiser's state and what
    // is no tensor say nothing of the layers.
    let harmless: [Catalog.Skipped] = [
      .init(name: "words", reason: "text", tensor: UnreadTensor(shape: [6], mayBeWeight: false)),
      .init(name: "temperature", reason: "x", tensor: UnreadTensor(shape: [])),
      .init(name: "losses", reason: "x", tensor: UnreadTensor(dtype: "<f16", shape: [20])),
      .init(name: "optimizer/state/m", reason: "x", tensor: scale),
      .init(name: "@attribute", reason: "x"),
    ]
    for object in harmless { #expect(try row(object).layers.count == 8, "\(object.name)") }
  }
}
