import LinearAlgebra
import Matching
import ModelGraph
import Support
import Tensors
import Testing

@Suite struct PermutingTests {
  @Test(arguments: Architecture.allCases)
  func theInverseUndoes(_ architecture: Architecture) {
    let groups = architecture.groups(width: 11)
    let weights = architecture.weights(width: 11, seed: 1)
    let permutations = Permuting.random(for: groups, seed: 2)
    let permuted = Permuting.apply(permutations, of: groups, to: weights)
    #expect(permuted != weights)
    #expect(
      Permuting.apply(permutations.map(Permuting.inverse), of: groups, to: permuted) == weights)
    #expect(Permuting.apply(Permuting.identity(for: groups), of: groups, to: weights) == weights)
  }

  /// Element by element from the definition, for a tensor of three axes with two of them permuted.
  @Test func movesEveryElementByDefinition() {
    let shape = [4, 3, 6]
    let tensor = Tensor(shape: shape, values: (0..<72).map { Float($0) })
    let groups = [
      PermutationGroup(
        name: "first", size: 4,
        members: [.init(tensor: "t", axis: 0, runs: [.init(start: 0)], isStatistic: false)]),
      PermutationGroup(
        name: "last", size: 2,
        members: [
          .init(
            tensor: "t", axis: 2, runs: [.init(start: 0), .init(start: 2, width: 2)],
            isStatistic: false)
        ]),
    ]
    let permuted = Permuting.apply([[2, 0, 3, 1], [1, 0]], of: groups, to: ["t": tensor])
    let last = [1, 0, 4, 5, 2, 3]
    for i in 0..<4 {
      for j in 0..<3 {
        for k in 0..<6 {
          let source = [2, 0, 3, 1][i] * 18 + j * 6 + last[k]
          #expect(permuted["t"]?.values[i * 18 + j * 6 + k] == Float(source))
        }
      }
    }
  }

  /// Bytes move as the numbers they stand for, whatever their size; odd sizes too.
  @Test(arguments: Architecture.allCases, [1, 2, 3, 4, 8, 16])
  func bytesMoveAsNumbersDo(_ architecture: Architecture, _ elementSize: Int) throws {
    let groups = architecture.groups(width: 5)
    let permutations = Permuting.random(for: groups, seed: 3)
    let moves = Permuting.moves(permutations, of: groups)
    for (name, shape) in architecture.shapes(width: 5) {
      let count = shape.reduce(1, *)
      let indices = Tensor(shape: shape, values: (0..<count).map { Float($0) })
      let expected = Permuting.apply(permutations, of: groups, to: [name: indices])[name]
      var generator = SeededGenerator(seed: 4)
      let bytes = (0..<count * elementSize).map { _ in UInt8(generator.integer(below: 256)) }
      let moved = try Permuting.applyBytes(
        bytes, shape: shape, elementSize: elementSize, moves: moves[name] ?? [])
      let order = (expected?.values ?? []).map { Int($0) }
      #expect(
        moved
          == order.flatMap { bytes[$0 * elementSize..<($0 + 1) * elementSize] })
    }
  }

  @Test func refusesBytesThatDoNotFit() {
    let member = PermutationGroup.Member(
      tensor: "t", axis: 0, runs: [.init(start: 1, width: 2)], isStatistic: false)
    func apply(_ bytes: Int, _ shape: [Int], _ size: Int, _ permutation: [Int]) throws {
      _ = try Permuting.applyBytes(
        Array(repeating: 0, count: bytes), shape: shape, elementSize: size,
        moves: [.init(member: member, permutation: permutation)])
    }
    #expect(throws: Never.self) { try apply(10, [5], 2, [1, 0]) }
    #expect(throws: Diagnostic.self) { try apply(9, [5], 2, [1, 0]) }
    #expect(throws: Diagnostic.self) { try apply(10, [5], 2, [0, 1, 2]) }
    #expect(throws: Diagnostic.self) { try apply(10, [5], 2, [0, 0]) }
    #expect(throws: Diagnostic.self) { try apply(10, [5], 2, [0, 2]) }
    #expect(throws: Diagnostic.self) { try apply(10, [5, -1], 2, [0, 1]) }
    #expect(throws: Diagnostic.self) { try apply(10, [.max, .max], 2, [0, 1]) }
    #expect(throws: Diagnostic.self) { try apply(2, [], 2, [0, 1]) }
  }
}
