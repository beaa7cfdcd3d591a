import Foundation
import ModelGraph
import Support

/// The turns of rotary position embedding for the steps of a sequence (Su et al. 2021).
struct RotaryTable: Sendable {
  /// The channels of a head, and how many of them are turned.
  private let width: Int
  private let planes: Int
  private let layout: Rotary.Layout
  private let steps: Int
  private let cosines: [Float]
  private let sines: [Float]

  /// Computes the angles in Float64.
  ///
  /// - Throws: `Diagnostic` of code `badData` where so many channels cannot be turned.
  init(_ rotary: Rotary, width: Int, steps: Int) throws {
    let turned = rotary.width ?? width
    guard turned >= 2, turned <= width, turned % 2 == 0, rotary.base > 0 else {
      throw Diagnostic(
        .badData, "a rotary embedding cannot turn \(turned) channels of a head of \(width)")
    }
    self.width = width
    self.steps = steps
    planes = turned / 2
    layout = rotary.layout
    let frequencies = (0..<turned / 2).map { plane in
      RotaryTable.scaled(
        pow(rotary.base, -2 * Double(plane) / Double(turned)), by: rotary.scaling)
    }
    let angles = (0..<steps).flatMap { step in frequencies.map { Double(step) * $0 } }
    cosines = angles.map { Float(cos($0)) }
    sines = angles.map { Float(sin($0)) }
  }

  /// A frequency after the change for longer contexts. For bands: Llama 3's, whose mixture is linear in
  /// the number of turns within the old context.
  private static func scaled(_ frequency: Double, by scaling: Rotary.Scaling) -> Double {
    switch scaling {
    case .none: return frequency
    case .linear(let factor): return frequency / factor
    case .bands(let factor, let low, let high, let context):
      let turns = Double(context) * frequency / (2 * Double.pi)
      if turns < low { return frequency / factor }
      if turns > high { return frequency }
      let share = (turns - low) / (high - low)
      return (1 - share) * frequency / factor + share * frequency
    }
  }

  /// Turns the heads of so many sequences, forwards or back.
  func turn(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, sequences: Int,
    heads: Int, isBack: Bool
  ) {
    let row = heads * width
    let (next, far) = layout == .halves ? (1, planes) : (2, 1)
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        for place in 0..<sequences * steps {
          let angle = place % steps * planes
          for head in 0..<heads {
            let from = source + place * row + head * width
            let into = target + place * row + head * width
            for plane in 0..<planes {
              let (a, b) = (from[plane * next], from[plane * next + far])
              let c = cosines[angle + plane]
              let s = isBack ? -sines[angle + plane] : sines[angle + plane]
              into[plane * next] = a * c - b * s
              into[plane * next + far] = b * c + a * s
            }
            let rest = 2 * planes
            (into + rest).update(from: from + rest, count: width - rest)
          }
        }
      }
    }
  }
}
