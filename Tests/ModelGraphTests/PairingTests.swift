import Catalogs
import ModelGraph
import Support
import Tensors
import Testing

@Suite("Pairs of networks")
struct PairingTests {
  @Test("Other names, another kind of model, dropout between: the same network")
  func otherNames() async throws {
    let a = try await Fixture.graph("mlp.h5")
    let b = try await Fixture.graph("mlp_other.h5")
    #expect(a.fingerprint == b.fingerprint)
    let pair = try ModelPair(a, b)
    #expect(pair.tensorsBFromA.count == a.parameters.count)
    #expect(
      pair.tensorsBFromA["model_weights/dense_1/mlp/dense_1/kernel"]
        == "model_weights/second/second/kernel")
    #expect(pair.groupsA.count == 2 && pair.groupsB.count == 2)
    for (x, y) in zip(pair.groupsA, pair.groupsB) {
      #expect(x.size == y.size && x.name == y.name)
      #expect(x.members.map { pair.tensorsBFromA[$0.tensor] } == y.members.map { $0.tensor })
    }
    // The groups in B's names are those that B has by itself.
    let own = try b.permutationGroups()
    #expect(own.map { Set($0.members) } == pair.groupsB.map { Set($0.members) })
  }

  @Test("PyTorch's orientation beside Keras's", arguments: [true, false])
  func orientations(_ keepsOrder: Bool) throws {
    let torch = try ModelGraph(
      Catalog([
        ("fc1.weight", [5, 3]), ("fc1.bias", [5]), ("fc2.weight", [4, 5]), ("fc2.bias", [4]),
      ]))
    let keras = try ModelGraph(
      Catalog([
        ("d1/kernel", [3, 5]), ("d1/bias", [5]), ("d2/kernel", [5, 4]), ("d2/bias", [4]),
      ]))
    #expect(torch.fingerprint == keras.fingerprint)
    let pair = keepsOrder ? try ModelPair(torch, keras) : try ModelPair(keras, torch)
    let hidden = try #require(pair.groupsA.first)
    let partner = try #require(pair.groupsB.first)
    #expect(hidden.members.map(\.axis) == (keepsOrder ? [0, 0, 1] : [1, 0, 0]))
    #expect(partner.members.map(\.axis) == (keepsOrder ? [1, 0, 0] : [0, 0, 1]))
    if keepsOrder {
      let kernel = Tensor(shape: [3, 5], values: (0..<15).map(Float.init))
      let aligned = pair.alignedToA(["d1/kernel": kernel])
      let turned = try #require(aligned["fc1.weight"])
      #expect(aligned.count == 1 && turned.shape == [5, 3])
      #expect(Array(turned.values.prefix(4)) == [0, 5, 10, 1])
    }
  }

  @Test("A sum's inputs may come in any order")
  func sums() throws {
    func graph(_ swapped: Bool) throws -> ModelGraph {
      var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
      let x = try builder.input(shape: [4])
      let left = try builder.add("l", .dense(units: 3), inputs: [x], parameters: dense("l", 4, 3))
      let act = try builder.add("act", .activation(.relu), inputs: [left])
      let right = try builder.add("r", .dense(units: 3), inputs: [x], parameters: dense("r", 4, 3))
      let sum = try builder.add("s", .add, inputs: swapped ? [right, act] : [act, right])
      let out = try builder.add("o", .dense(units: 2), inputs: [sum], parameters: dense("o", 3, 2))
      return try builder.finish(outputs: [out])
    }
    let pair = try ModelPair(graph(false), graph(true))
    #expect(pair.tensorsBFromA.allSatisfy { $0.key == $0.value })
    #expect(pair.groupsA.map(short) == ["l 3: l/k[1] r/k[1] o/k[0]"])
  }

  private func dense(_ name: String, _ input: Int, _ output: Int) -> [Parameter] {
    [
      Parameter(
        role: .kernel, tensor: "\(name)/k", shape: [input, output], axes: [.input, .output])
    ]
  }

  @Test("The first layer that differs is named, with both shapes")
  func differences() throws {
    let a = try ModelGraph.perceptron(inputShape: [8], widths: [6, 5], classes: 3)
    let wide = try ModelGraph.perceptron(inputShape: [8], widths: [6, 7], classes: 3)
    let deep = try ModelGraph.perceptron(inputShape: [8], widths: [6, 5, 5], classes: 3)
    #expect(
      message { _ = try ModelPair(a, wide) }
        == "fc2: the networks differ here: fc2 is dense with output 5, fc2/weight 5×6, and its "
        + "partner fc2 is dense with output 7, fc2/weight 7×6; only networks of one architecture "
        + "can be matched")
    #expect(message { _ = try ModelPair(a, deep) }.contains("fc3"))
    let tanh = try ModelGraph.perceptron(
      inputShape: [8], widths: [6, 5], classes: 3, activation: .tanh)
    #expect(message { _ = try ModelPair(a, tanh) }.contains("tanh"))
    #expect(a.fingerprint != wide.fingerprint && a.fingerprint != tanh.fingerprint)
  }

  @Test("A file of weights alone goes with the whole model")
  func weightsAlone() async throws {
    let whole = try await Fixture.graph("mlp.h5")
    let weights = try await Fixture.graph("mlp.weights.h5")
    #expect(weights.source == "keras weights")
    let pair = try ModelPair(whole, weights)
    #expect(
      pair.tensorsBFromA["model_weights/batch_normalization/mlp/batch_normalization/gamma"]
        == "layers/batch_normalization/vars/0")
  }

  @Test(
    "The formats of one model", arguments: ["mlp", "lstm", "bidirectional", "nested", "separable"])
  func formats(_ name: String) async throws {
    let old = try await Fixture.graph("\(name).h5")
    let new = try await Fixture.graph("\(name).keras")
    #expect(old.fingerprint == new.fingerprint)
    let pair = try ModelPair(old, new)
    #expect(pair.tensorsBFromA.count == old.parameters.count)
    #expect(pair.groupsA.count == pair.groupsB.count && !pair.groupsA.isEmpty)
  }
}
