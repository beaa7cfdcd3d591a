import Catalogs
import ModelGraph
import Support
import Testing

@Suite("Networks of one body with different heads")
struct HeadPairTests {
  private func perceptron(_ widths: [Int], _ classes: Int) throws -> ModelGraph {
    try ModelGraph.perceptron(inputShape: [8], widths: widths, classes: classes)
  }

  @Test("the body is paired, the heads are left out with reasons, and only their inputs move along")
  func otherClasses() throws {
    let (a, b) = (try perceptron([6, 5], 3), try perceptron([6, 5], 4))
    #expect(throws: Diagnostic.self) { try ModelPair(a, b) }
    let pair = try ModelPair(a, b, acceptsHeads: true)
    #expect(!pair.isWhole && pair.tensorsBFromA.count == 4)
    #expect(pair.leftOut.map(\.network) == [.first, .second])
    #expect(pair.leftOut.allSatisfy { $0.name == "fc3" && !$0.tensors.isEmpty })
    #expect(pair.leftOut[0].reason.contains("its output is 3, and that of fc3 of B 4"))
    #expect(
      pair.groupsA.map(short) == [
        "fc1 6: fc1/weight[0] fc1/bias[0] fc2/weight[1]", "fc2 5: fc2/weight[0] fc2/bias[0]",
      ])
    #expect(
      pair.groupsB.map(short) == [
        "fc1 6: fc1/weight[0] fc1/bias[0] fc2/weight[1]",
        "fc2 5: fc2/weight[0] fc2/bias[0] fc3/weight[1]",
      ])
    // What is left of the first network is its body, whose outputs are those of the last hidden layer.
    let body = pair.body
    #expect(Set(body.parameters.map(\.tensor)) == Set(pair.tensorsBFromA.keys))
    #expect(body.outputs.map { body.layers[$0].outputShape } == [[5]])
  }

  @Test(
    "longer heads are heads; a body of another width or depth is another network",
    arguments: [
      ([6, 5], [6, 5, 9], true), ([6, 5, 9], [6, 5], true), ([6, 5, 7], [6, 5, 9], true),
      ([6, 5], [7, 5], false), ([6, 5], [6, 9, 8, 7], false), ([6], [7], false),
    ])
  func lengths(_ own: [Int], _ other: [Int], _ isBody: Bool) throws {
    let (a, b) = (try perceptron(own, 3), try perceptron(other, 3))
    let pair = try? ModelPair(a, b, acceptsHeads: true)
    #expect((pair != nil) == isBody)
    if let pair {
      let shared = zip(own, other).prefix { $0 == $1 }.count
      #expect(pair.tensorsBFromA.count == 2 * shared)
      #expect(pair.leftOut.allSatisfy { !$0.reason.isEmpty })
    }
  }

  @Test("a body alone beside the body with a head: its last units are outputs, and stay")
  func noHead() throws {
    func net(_ hasHead: Bool) throws -> ModelGraph {
      var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
      var x = try builder.input(shape: [4])
      x = try builder.add("a", .dense(units: 6), inputs: [x], parameters: dense("a", 4, 6))
      x = try builder.add("b", .dense(units: 5), inputs: [x], parameters: dense("b", 6, 5))
      if hasHead {
        x = try builder.add("act", .activation(.relu), inputs: [x])
        x = try builder.add("c", .dense(units: 3), inputs: [x], parameters: dense("c", 5, 3))
      }
      return try builder.finish(outputs: [x])
    }
    for hasHead in [true, false] {
      let pair = try ModelPair(net(hasHead), net(!hasHead), acceptsHeads: true)
      #expect(pair.groupsA.map(\.name) == ["a"] && pair.groupsB.map(\.name) == ["a"])
      #expect(pair.unpairedGroups == (hasHead ? ["b"] : []))
    }
  }

  private func dense(_ name: String, _ input: Int, _ output: Int) -> [Parameter] {
    [
      Parameter(
        role: .kernel, tensor: "\(name)/k", shape: [input, output], axes: [.input, .output])
    ]
  }

  @Test("one of two heads differs: the other is paired, in whatever order they stand")
  func twoHeads() throws {
    func net(_ sizes: [(String, Int)]) throws -> ModelGraph {
      var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
      let x = try builder.input(shape: [4])
      let first = try builder.add("a", .dense(units: 6), inputs: [x], parameters: dense("a", 4, 6))
      let body = try builder.add(
        "b", .dense(units: 6), inputs: [first], parameters: dense("b", 6, 6))
      let heads = try sizes.map { name, size in
        try builder.add(
          name, .dense(units: size), inputs: [body], parameters: dense(name, 6, size))
      }
      return try builder.finish(outputs: heads)
    }
    let a = try net([("x", 3), ("y", 7)])
    let pair = try ModelPair(a, net([("x", 5), ("y", 7)]), acceptsHeads: true)
    #expect(pair.tensorsBFromA == ["a/k": "a/k", "b/k": "b/k", "y/k": "y/k"])
    // Two heads of one size beside one of it: which is which, only names can tell.
    let alike = try net([("x", 7), ("y", 7)])
    let other = try ModelPair(alike, net([("y", 7), ("z", 5)]), acceptsHeads: true)
    #expect(other.tensorsBFromA == ["a/k": "a/k", "b/k": "b/k", "y/k": "y/k"])
    let none = try ModelPair(alike, net([("u", 7), ("z", 5)]), acceptsHeads: true)
    #expect(none.tensorsBFromA == ["a/k": "a/k", "b/k": "b/k"])
  }

  @Test("branches of a sum go by the names that somebody chose, whatever the order of the inputs")
  func branches() throws {
    func net(_ names: [String]) throws -> ModelGraph {
      var builder = ModelGraph.Builder(source: "keras config", channelOrder: .last)
      let x = try builder.input(shape: [4])
      let branches = try names.map { name in
        try builder.add(name, .dense(units: 6), inputs: [x], parameters: dense(name, 4, 6))
      }
      let sum = try builder.add("sum", .add, inputs: branches)
      let out = try builder.add("o", .dense(units: 3), inputs: [sum], parameters: dense("o", 6, 3))
      return try builder.finish(outputs: [out])
    }
    let pair = try ModelPair(net(["left", "right"]), net(["right", "left"]))
    #expect(pair.tensorsBFromA.allSatisfy { $0.key == $0.value } && pair.contradictions.isEmpty)
    // Counters are no names.
    let counted = try ModelPair(net(["d_1", "d_2"]), net(["d_2", "d_1"]))
    #expect(counted.tensorsBFromA["d_1/k"] == "d_2/k")
  }

  @Test("names of dictionaries count more than their order, which is a guess")
  func dictionaries() throws {
    func entries(_ names: [String]) -> [(String, [Int])] {
      names.map { ($0 + ".weight", [8, 8]) } + [("head.weight", [3, 8])]
    }
    let (one, other) = (Catalog(entries(["zeta", "beta"])), Catalog(entries(["beta", "zeta"])))
    let graphs = try [one, other].map { try ModelGraph($0) }
    #expect(message { _ = try ModelPair(graphs[0], graphs[1]) }.contains("by their names"))
    let found = try FilePairing(one, other, graphs: (graphs[0], graphs[1]))
    #expect(found.pairs.map(\.second) == [1, 0, 2])
  }

  @Test(
    "layers that carry each other's names go by place, or by name where their weights say so",
    arguments: [(nil, 0), (1.0, 0), (-1.0, 1)] as [(Double?, Int)])
  func contradiction(_ likenessAtPlace: Double?, _ expected: Int) throws {
    func net(_ names: [String]) throws -> ModelGraph {
      var builder = ModelGraph.Builder(source: "keras config", channelOrder: .last)
      var x = try builder.input(shape: [8])
      for name in names {
        x = try builder.add(name, .dense(units: 8), inputs: [x], parameters: dense(name, 8, 8))
      }
      return try builder.finish(outputs: [x])
    }
    let names = ["left", "right", "head"]
    let catalogs = [names, ["right", "left", "head"]].map { names in
      Catalog(names.map { ($0 + "/k", [8, 8]) })
    }
    let graphs = (a: try net(names), b: try net(["right", "left", "head"]))
    let found = try FilePairing(
      catalogs[0], catalogs[1], graphs: (graphs.a, graphs.b),
      likeness: likenessAtPlace.map { value in
        { one, other in
          one.name == other.name ? -value : value
        }
      })
    #expect(found.pairs.map(\.second) == (expected == 0 ? [0, 1, 2] : [1, 0, 2]))
    #expect(found.notes.count == 1 && found.notes[0].contains("each other's names"))
  }
}
