import Tensors
import Testing

@testable import Merging

/// Differences of equal magnitude: exactly as many stay as were asked for, or all of them, and that is
/// told.
///
/// Tried of the kind: TIES and breadcrumbs, with signs elected or not; densities 0, 1, and less than one
/// element; tensors of 0, 1 and 2 elements; all differences equal, all zero, equal ones at both bounds and
/// where both bounds are one magnitude; several pieces of a tensor and several threads. DARE drops by
/// chance and TALL masks compare elements one by one: there no number is asked for.
@Suite("Merging: equal magnitudes")
struct EqualMagnitudesTests {
  /// The merged differences from a base of zeros, and what is said to have stayed.
  private static func merged(
    _ values: [Float], _ method: MergeRecipe.Method, _ convention: MergeRecipe.Convention,
    jobs: Int = 1
  ) throws -> (values: [Float], stays: Double) {
    let shape = [values.count]
    var merger = try Merger(
      [MergeInput(["w": Tensor(shape: shape, values: values)], name: "a")],
      base: MergeInput(["w": Tensor(zeros: shape)], name: "base"),
      recipe: MergeRecipe(method, weights: [1], convention: convention))
    try merger.prepare(jobs: jobs)
    let tensor = try merger.merged(merger.tensors[0], jobs: jobs)
    return (tensor.values, merger.distances.staying[0])
  }

  /// What a stable sort keeps: of equal magnitudes the first in order.
  private static func largest(_ values: [Float], _ count: Int) -> [Float] {
    let order = values.indices.sorted {
      (values[$1].magnitude, $0) < (values[$0].magnitude, $1)
    }
    let kept = Set(order.prefix(count))
    return values.enumerated().map { kept.contains($0.offset) ? $0.element : 0 }
  }

  /// What a stable sort in rising order keeps between two ranks.
  private static func ranks(_ values: [Float], _ ranks: Range<Int>) -> [Float] {
    let order = values.indices.sorted {
      (values[$0].magnitude, $0) < (values[$1].magnitude, $1)
    }
    let kept = Set(order[ranks])
    return values.enumerated().map { kept.contains($0.offset) ? $0.element : 0 }
  }

  /// Few different magnitudes of both signs.
  private static func grid(_ count: Int, levels: Int) -> [Float] {
    var state: UInt64 = 9
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int(state >> 40) % (2 * levels + 1) - levels)
    }
  }

  @Test("as mergekit, exactly as many stay as were asked for", arguments: [1, 2, 3, 40])
  func exactly(levels: Int) throws {
    for count in [1, 2, 7, 1000, 4097] {
      let values = Self.grid(count, levels: levels)
      for density in [0, 0.2, 0.37, 0.5, 0.999, 1] {
        let kept = density == 0 ? 0 : max(1, Int(density * Double(count)))
        let found = try Self.merged(values, .ties(density: density, trimming: .tensor), .mergekit)
        #expect(found.values == Self.largest(values, kept), "\(count) at \(density)")
        #expect(found.stays <= Double(kept) / Double(count))
      }
      for (bottom, top) in [(0.6, 0.1), (0.0, 0.5), (0.9, 0.0), (0.3, 0.3), (0.5, 0.5)] {
        let density = ((1 - bottom - top) * 1e12).rounded() / 1e12
        let target = density >= 1 ? count : Int(density * Double(count))
        let first = density >= 1 ? 0 : max(0, count - target - Int(top * Double(count)))
        let found = try Self.merged(
          values, .breadcrumbs(bottom: bottom, top: top, elects: false), .mergekit)
        #expect(
          found.values == Self.ranks(values, first..<(first + target)),
          "\(count) without \(bottom), \(top)")
      }
    }
  }

  @Test("whatever the number of pieces and threads")
  func pieces() throws {
    let values = Self.grid((1 << 21) + 77, levels: 2)
    let one = try Self.merged(values, .ties(density: 0.3, trimming: .tensor), .mergekit)
    let three = try Self.merged(values, .ties(density: 0.3, trimming: .tensor), .mergekit, jobs: 3)
    #expect(one.values == three.values)
    let kept = Int(0.3 * Double(values.count))
    #expect(one.values.count { $0 != 0 } == kept)
    #expect(abs(one.stays - Double(kept) / Double(values.count)) < 1e-12)
  }

  @Test("by the papers equal ones stay together, and how many is told")
  func together() throws {
    let values = Self.grid(1000, levels: 1)
    let nonzero = values.count { $0 != 0 }
    for trimming in MergeRecipe.Trimming.allCases {
      let found = try Self.merged(values, .ties(density: 0.2, trimming: trimming), .papers)
      #expect(found.values == values && found.stays == Double(nonzero) / 1000)
      // More than there are that differ: zeros do not count as staying.
      let all = try Self.merged(values, .ties(density: 0.9, trimming: trimming), .papers)
      #expect(all.values == values && all.stays == Double(nonzero) / 1000)
    }
    let nothing = try Self.merged(values, .ties(density: 0, trimming: .global), .papers)
    #expect(nothing.values.allSatisfy { $0 == 0 } && nothing.stays == 0)
    let zeros = [Float](repeating: 0, count: 5)
    #expect(try Self.merged(zeros, .ties(density: 0.4, trimming: .tensor), .mergekit).stays == 0)
  }
}
