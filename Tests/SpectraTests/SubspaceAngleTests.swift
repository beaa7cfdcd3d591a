import Foundation
import LinearAlgebra
import ModelGraph
import Support
import Testing
import WeightFiles

@testable import Spectra

@Suite("Angles between leading singular vectors")
struct SubspaceAngleTests {
  @Test("as SciPy finds them", arguments: [1, 3])
  func agrees(_ count: Int) async throws {
    let a = try await WeightFile.open(Fixture.path("mlp.h5", of: "ModelGraphTests"))
    let b = try await WeightFile.open(Fixture.path("mlp_other.h5", of: "ModelGraphTests"))
    let rows = try SpectrumComparison(a, b, options: SpectrumOptions(angles: count)).rows
    let truth = try JSONValue(parsing: Fixture.bytes("angles.json"))
    #expect(rows.count == 3)
    for (row, name) in zip(rows, ["dense", "dense_1", "dense_2"]) {
      let angles = try #require(row.angles)
      for (side, values) in [("left", angles.left), ("right", angles.right)] {
        #expect(values.count == count)
        for (index, value) in values.enumerated() {
          let exact = try #require(truth[name]?["\(count)"]?[side]?[index]?.number)
          #expect(abs(value - exact) < 1e-8)
        }
      }
    }
    let without = try SpectrumComparison(a, b).rows
    #expect(without.allSatisfy { $0.angles == nil })
  }

  @Test("known angles, from tiny to right ones", arguments: [1e-9, 1e-3, 0.5, 1.2, Double.pi / 2])
  func known(_ angle: Double) throws {
    // Two planes of four dimensions that share an axis.
    let one = Matrix<Double>(rows: 4, columns: 2, values: [1, 0, 0, 1, 0, 0, 0, 0])
    let other = Matrix<Double>(
      rows: 4, columns: 2, values: [1, 0, 0, cos(angle), 0, sin(angle), 0, 0])
    let angles = try SubspaceAngles.angles(one, other, count: 2)
    #expect(abs(angles[0]) < 1e-15 && abs(angles[1] - angle) < 1e-14)
    #expect(abs(SubspaceAngles.overlap(angles) - (1 + cos(angle) * cos(angle)) / 2) < 1e-12)
  }

  @Test("a layer beside itself, of small rank, and nothing")
  func itself() async throws {
    let file = try await WeightFile.open(Fixture.path("mlp.safetensors"))
    let rows = try SpectrumComparison(file, file, options: SpectrumOptions(angles: 12)).rows
    for row in rows {
      if row.first.norm == 0 {
        #expect(row.angles == nil)
      } else {
        let angles = try #require(row.angles)
        // The low-rank layer has no more directions than its rank.
        let most = row.first.layer.name == "low" ? 7 : min(12, row.first.layer.shortSide)
        #expect(angles.left.count == angles.right.count && angles.left.count <= most)
        #expect((angles.left + angles.right).allSatisfy { $0 < 1e-6 })
      }
    }
    #expect(rows.contains { $0.first.layer.name == "low" })
  }
}
