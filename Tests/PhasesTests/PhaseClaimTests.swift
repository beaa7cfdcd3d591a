import LinearAlgebra
import Testing

@testable import Phases

/// Where results are largest, and which phase leads.
@Suite("Claims about a map of phases")
struct PhaseClaimTests {
  private func map(
    draws: Int = 100, outcome: (_ model: PhaseModel, _ generator: inout SeededGenerator) -> Double?
  ) throws -> PhaseMap {
    var generator = SeededGenerator(seed: 9)
    let models = PlantedZoo.models().map { model in
      var model = model
      if let gain = outcome(model, &generator) { model.outcomes["gain"] = gain }
      return model
    }
    var options = PhaseMap.Options()
    options.draws = draws
    options.thresholds = PhaseThresholds(loss: 0.1, connectivity: 1, similarity: 0.65)
    return try PhaseMap(models, options: options)
  }

  @Test("a gain that falls with the batch size is found, with the batch size of the largest")
  func trend() throws {
    let map = try map { 8 / $0.temperature + 0.01 * $1.normal() }
    let trend = try #require(map.trends.first)
    #expect(map.trends.count == 1 && trend.outcome == "gain" && trend.cells == 64)
    #expect(trend.spearman < -0.9 && (trend.interval?.high ?? 0) < -0.8, "\(trend)")
    #expect(trend.rows.map(\.temperature) == PlantedZoo.temperatures)
    #expect(trend.rows.map(\.share) == [1, 0, 0, 0, 0, 0, 0, 0])
    for row in trend.rows {
      // The mean of eight cells of three models, each with a deviation of 0.01: five standard errors.
      #expect(abs(row.mean - 8 / row.temperature) < 5 * 0.01 / 24.0.squareRoot())
      #expect(try #require(row.interval).low <= row.mean && row.mean <= row.interval?.high ?? 0)
    }
  }

  @Test("of noise alone the interval holds 0, and no batch size is the largest in most draws")
  func noise() throws {
    let map = try map(draws: 200) { _, generator in generator.normal() }
    let trend = try #require(map.trends.first)
    let interval = try #require(trend.interval)
    #expect(interval.low < 0 && 0 < interval.high, "\(trend)")
    #expect(trend.rows.allSatisfy { $0.share < 0.95 }, "\(trend.rows)")
  }

  @Test("no trend of a result that is the same everywhere, that few cells have, or without draws")
  func trendless() throws {
    #expect(try map { _, _ in 3 }.trends.isEmpty)
    #expect(try map { model, _ in model.load == 2 ? model.temperature : nil }.trends.isEmpty)
    let undrawn = try map(draws: 0) { model, _ in model.load }
    #expect(undrawn.trends.first?.interval == nil && undrawn.trends.first?.cells == 64)
  }

  @Test("the planted phase leads by what was planted")
  func lead() throws {
    let lead = try #require(try map { _, _ in nil }.lead)
    #expect(lead.phase == .generalising && lead.second == .overfitted)
    #expect(lead.probabilities == [.generalising: 1])
    // 90 against 80 with a deviation of 1: means of 12 and of 20 cells of three models.
    let interval = try #require(lead.interval)
    #expect(abs((lead.lead ?? 0) - 10) < 1 && interval.low > 9 && interval.high < 11, "\(lead)")
  }

  @Test("one phase alone has no second; without accuracies there is no lead")
  func alone() throws {
    var options = PhaseMap.Options()
    options.draws = 20
    options.thresholds = PhaseThresholds(loss: 100, connectivity: 1000, similarity: 0.01)
    let lead = try #require(try PhaseMap(PlantedZoo.models(), options: options).lead)
    #expect(lead.phase == .generalising && lead.second == nil && lead.lead == nil)
    let blind = PlantedZoo.models().map { model in
      var model = model
      model.measures[.testAccuracy] = nil
      return model
    }
    #expect(try PhaseMap(blind, options: options).lead == nil)
  }
}
