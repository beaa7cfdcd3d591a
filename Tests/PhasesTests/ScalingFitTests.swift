import Foundation
import LinearAlgebra
import Support
import Testing

@testable import Phases

@Suite("Scaling laws")
struct ScalingFitTests {
  private static let laws: [String: ScalingLaw] = [
    "power": .power, "two": .twoPowers, "critical": .criticalBatch,
  ]

  private func fitted(_ law: ScalingLaw, _ inputs: [[Double]], _ results: [Double], draws: Int = 0)
    throws -> ScalingFit
  {
    var options = ScalingFit.Options()
    options.draws = draws
    return try ScalingFit(law, inputs: inputs, results: results, options: options)
  }

  @Test("constants and loss agree with SciPy's fit; those that were planted are found again")
  func sciPy() throws {
    let cases = try #require(try FitFixture().json["scaling"]?.array)
    #expect(cases.count == 6)
    for item in cases {
      let name = try #require(item["name"]?.string)
      let law = try #require(Self.laws[name.split(separator: " ").first.map(String.init) ?? ""])
      let inputs = item["inputs"]?.array?.map(\.numbers) ?? []
      let results = item["results"]?.numbers ?? []
      var options = ScalingFit.Options()
      options.draws = 0
      options.delta = try #require(item["delta"]?.number)
      let fit = try ScalingFit(law, inputs: inputs, results: results, options: options)
      let expected = item["constants"]?.numbers ?? []
      #expect(fit.constants.count == expected.count)
      // Both stop where a step gains nothing that Float64 shows of the loss: the constants of a loss that
      // is flat in some direction differ by the root of that.
      for (found, other) in zip(fit.constants, expected) {
        #expect(abs(found - other) <= 1e-4 * abs(other), "\(name): \(found), SciPy \(other)")
      }
      let cost = try #require(item["cost"]?.number)
      #expect(fit.loss <= cost * (1 + 1e-9) + 1e-18, "\(name): \(fit.loss), SciPy \(cost)")
      let planted = item["planted"]?.numbers ?? []
      guard !name.contains(" with ") else { continue }
      for (found, other) in zip(fit.constants, planted) {
        #expect(abs(found - other) <= 1e-4 * abs(other), "\(name): \(found), planted \(other)")
      }
    }
  }

  @Test("intervals hold what was planted, and the largest models are told")
  func intervals() throws {
    let cases = try FitFixture().json["scaling"]?.array ?? []
    let item = try #require(cases.first { $0["name"]?.string == "power with noise" })
    let fit = try fitted(
      .power, item["inputs"]?.array?.map(\.numbers) ?? [], item["results"]?.numbers ?? [],
      draws: 60)
    for (interval, planted) in zip(fit.intervals, [1.7, 8.8e4, 0.34]) {
      let interval = try #require(interval)
      #expect(interval.low <= planted && planted <= interval.high, "\(interval), \(planted)")
      // With noise of one per cent none of them is known to less than a third.
      #expect(interval.high < 2 * interval.low, "\(interval)")
    }
    let heldOut = try #require(fit.heldOut)
    // Eleven sizes of two models each: two sizes are a fifth.
    #expect(heldOut.models == 4)
    #expect(abs(heldOut.from - 3e7) < 2e6, "\(heldOut.from)")
    #expect(heldOut.largestError < 0.05, "\(heldOut.largestError)")
    for (range, constant) in zip(fit.sensitivity, fit.constants) {
      #expect(range.low <= constant * 1.05 && range.high >= constant * 0.95)
    }
  }

  @Test("the same seed gives the same numbers, for any number of threads")
  func deterministic() throws {
    let inputs = (1...12).map { [Double($0 * $0 * 100)] }
    let results = inputs.enumerated().map {
      0.2 + 5 / pow($1[0], 0.4) * (1 + 0.01 * sin(Double($0)))
    }
    var options = ScalingFit.Options()
    options.draws = 20
    options.jobs = 1
    let one = try ScalingFit(.power, inputs: inputs, results: results, options: options)
    options.jobs = 3
    let three = try ScalingFit(.power, inputs: inputs, results: results, options: options)
    #expect(one.constants == three.constants && one.intervals == three.intervals)
  }

  @Test("models without a number are left out and counted; too few sizes are refused")
  func refusals() throws {
    let inputs = (1...8).map { [Double($0 * 1000)] }
    let results = inputs.map { 0.1 + 3 / pow($0[0], 0.5) }
    let fit = try fitted(
      .power, inputs + [[.nan], [5000], [-1], [3000]], results + [1, 0, 1, .infinity])
    #expect(fit.models == 8)
    #expect(fit.warnings.contains { $0.hasPrefix("4 models") })
    let error = #expect(throws: Diagnostic.self) {
      try self.fitted(.power, [[1], [2], [3], [3]], [3, 2, 1, 1])
    }
    #expect(error?.code == .badData)
  }

  @Test("a result that does not fall with the size is no law, and that is said")
  func flat() throws {
    let inputs = (1...10).map { [Double($0 * 1000)] }
    for results in [inputs.map { _ in 0.5 }, inputs.map { 0.1 + $0[0] / 1e4 }] {
      let fit = try fitted(.power, inputs, results)
      #expect(fit.warnings.contains { $0.contains("does not fall") }, "\(fit.warnings)")
    }
  }
}
