import CMerging
import Tensors
import Testing

@testable import Merging

@Suite("Merging: magnitudes by rank")
struct SelectionTests {
  @Test("counting bit patterns finds what sorting finds", arguments: [1 << 20, 5000, 40, 0])
  func ranks(_ collected: Int) throws {
    var state: UInt64 = 1
    let values = (0..<20_000).map { index in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Many equal ones, zeros, and a wide spread.
      return index % 3 == 0
        ? Float(Int(state >> 60)) : Float(Int64(bitPattern: state) >> 40) * 0x1p-20
    }
    let model = MergeInput(["x": Tensor(shape: [20_000], values: values)], name: "m")
    let base = MergeInput(
      ["x": Tensor(shape: [20_000], values: Array(repeating: 0.25, count: 20_000))], name: "b")
    let merger = try Merger(
      [model], base: base, recipe: MergeRecipe(.taskArithmetic, weights: [1]))
    let tensor = try merger.open(merger.tensors[0], jobs: 1)
    let sorted = values.map { (Double($0) - 0.25).magnitude }.sorted()
    var selection = MagnitudeSelection(scan: DifferenceScan(tensor, jobs: 2), model: 0)
    selection.collectedCount = collected
    let ranks = [0, 1, 9_999, 10_000, 19_998, 19_999, 7]
    #expect(try selection.magnitudes(at: ranks) == ranks.map { sorted[$0] })
  }

  @Test("about as many elements are dropped as asked for, others in each model, tensor and seed")
  func chance() {
    var masks: Set<[Bool]> = []
    for (seed, model, name) in [(0, 0, "w"), (1, 0, "w"), (0, 1, "w"), (0, 0, "v")] {
      var values = [Double](repeating: 1, count: 10_000)
      wsl_drop_by_chance(
        &values, DropKey.key(seed: UInt64(seed), model: model, tensor: name), 0,
        DropKey.threshold(0.3), 1, 10_000)
      let dropped = values.count { $0 == 0 }
      #expect((2800...3200).contains(dropped))
      masks.insert(values.map { $0 == 0 })
    }
    #expect(masks.count == 4)
    #expect(DropKey.threshold(0) == 0)
  }
}
