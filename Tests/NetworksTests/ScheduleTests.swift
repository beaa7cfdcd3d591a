import Foundation
import Testing

@testable import Networks

/// Learning rates, step by step.
@Suite struct ScheduleTests {
  private func rates(
    _ schedule: Schedule, base: Double, stepsPerEpoch: Int, epochs: Int
  ) -> [Double] {
    (0..<stepsPerEpoch * epochs).map {
      schedule.rate(base: base, step: $0, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
    }
  }

  @Test func `constant and step`() {
    #expect(rates(.constant, base: 0.3, stepsPerEpoch: 2, epochs: 2) == [0.3, 0.3, 0.3, 0.3])
    let stepped = rates(.step(epochs: 2, factor: 0.5), base: 8, stepsPerEpoch: 3, epochs: 5)
    #expect(stepped == [8, 8, 8, 8, 8, 8, 4, 4, 4, 4, 4, 4, 2, 2, 2])
  }

  @Test func cosine() {
    // base·(1 + cos(π·k/8))/2, at angles whose cosine is known.
    let found = rates(.cosine(), base: 2, stepsPerEpoch: 4, epochs: 2)
    let half = 0.5.squareRoot()
    for (step, expected) in [(0, 2), (2, 1 + half), (4, 1), (6, 1 - half)] {
      #expect(abs(found[step] - expected) < 1e-12)
    }
    let floored = rates(.cosine(final: 0.5), base: 2, stepsPerEpoch: 4, epochs: 2)
    for (plain, raised) in zip(found, floored) { #expect(abs(raised - (1 + plain / 2)) < 1e-12) }
  }

  /// The rates of PyTorch 1.13's OneCycleLR(max_lr, total_steps, pct_start), to ten digits.
  @Test func `one cycle`() {
    let ten = [
      0.004, 0.052, 0.1, 0.0950484632, 0.08117456539, 0.06112620219, 0.03887419781, 0.01882583461,
      0.004951936799, 4e-07,
    ]
    let found = rates(.oneCycle(), base: 0.1, stepsPerEpoch: 5, epochs: 2)
    #expect(zip(found, ten).allSatisfy { abs($0 - $1) < 1e-10 }, "\(found)")
    let fifty = rates(.oneCycle(rising: 0.25), base: 1, stepsPerEpoch: 10, epochs: 5)
    for (step, expected) in [
      (0, 0.04), (5, 0.4223411137), (11, 0.9955292541), (12, 0.9995614168), (30, 0.5104731681),
      (48, 0.001757563361), (49, 4e-06),
    ] {
      #expect(abs(fifty[step] - expected) < 1e-9, "step \(step)")
    }
  }
}
