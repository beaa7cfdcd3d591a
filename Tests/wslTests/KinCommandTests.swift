import Foundation
import Support
import TestSupport
import Testing

/// `wsl kin` on networks whose origin is known.
///
/// Tried by hand beside these: pairs of the published networks of MNIST and Fashion-MNIST (alignable), fine-tunes and
/// quantised copies of the trees of digits (same origin).
@Suite("kin")
struct KinCommandTests {
  private let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private typealias Array2 = CanonicalDiffTests.Array2

  /// A network of 24 hidden units.
  private func network(
    _ name: String, seed: UInt64, noise: Float = 0, order: [Int]? = nil, factors: [Float]? = nil,
    keeps: ((Float) -> Float)? = nil
  ) throws -> String {
    let sizes = (inputs: 16, units: 24, outputs: 5)
    func noisy(_ values: [Float], _ seed: UInt64) -> [Float] {
      let steps = CanonicalDiffTests.numbers(values.count, seed &+ 1000)
      return zip(values, steps).map { value, step in
        let moved = value + noise * step
        return keeps?(moved) ?? moved
      }
    }
    var first = CanonicalDiffTests.matrix(sizes.units, sizes.inputs, seed)
    var second = CanonicalDiffTests.matrix(sizes.outputs, sizes.units, seed &+ 1).transposed
    first.values = noisy(first.values, seed)
    second.values = noisy(second.values, seed &+ 1)
    if let factors {
      first = first.scaled(factors)
      second = second.scaled(factors.map { 1 / $0 })
    }
    if let order {
      first = first.rows(order)
      second = second.rows(order)
    }
    var maker = SafetensorsMaker()
    maker.add("fc1.weight", [sizes.units, sizes.inputs], first.values)
    maker.add("fc1.bias", [sizes.units], [Float](repeating: 0, count: sizes.units))
    maker.add("fc2.weight", [sizes.outputs, sizes.units], second.transposed.values)
    maker.add("fc2.bias", [sizes.outputs], [Float](repeating: 0, count: sizes.outputs))
    let path = scratch.path("\(name).safetensors")
    try maker.file.write(to: URL(fileURLWithPath: path))
    return path
  }

  private func kin(_ a: String, _ b: String) throws -> JSONValue {
    let outcome = try Tool.run("kin", a, b, "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  private static let order = (0..<24).map { ($0 * 7 + 3) % 24 }
  private static let factors = (0..<24).map { Float($0 % 5 + 1) / 3 }

  @Test("descendants are of one origin, whatever was done to them")
  func descendants() throws {
    let root = try network("root", seed: 1)
    let children = [
      try network("tuned", seed: 1, noise: 0.2),
      try network("permuted", seed: 1, order: Self.order),
      try network("tuned-permuted", seed: 1, noise: 0.1, order: Self.order),
      try network("scaled", seed: 1, noise: 0.1, factors: Self.factors),
      try network("scaled-permuted", seed: 1, noise: 0.1, order: Self.order, factors: Self.factors),
      try network("pruned", seed: 1, keeps: { abs($0) < 0.5 ? 0 : $0 }),
      try network("quantised", seed: 1, keeps: { ($0 * 8).rounded() / 8 }),
    ]
    for child in children {
      let found = try kin(root, child)
      #expect(found["verdict"]?.string == "same origin", "\(child): \(found)")
    }
  }

  @Test("networks that began apart are not of one origin, whatever constants they share")
  func independent() throws {
    let files = try (1...5).map { try network("seed\($0)", seed: UInt64(100 * $0)) }
    for (place, file) in files.enumerated() {
      for other in files[..<place] {
        let found = try kin(file, other)
        let verdict = found["verdict"]?.string
        #expect(verdict == "unrelated" || verdict == "alignable", "\(found)")
        for test in found["tests"]?.array ?? [] {
          #expect(test["name"]?.string != nil && test["says"]?.string != nil)
          #expect(test["statistic"]?.number != nil)
          if let p = test["pValue"]?.number { #expect(p > 0 && p <= 1) }
        }
      }
    }
  }

  @Test("what cannot be compared is undecided, with a reason")
  func undecided() throws {
    let root = try network("root", seed: 1)
    var maker = SafetensorsMaker()
    maker.add("conv.weight", [4, 3, 3, 3], CanonicalDiffTests.numbers(108, 9))
    let other = scratch.path("other.safetensors")
    try maker.file.write(to: URL(fileURLWithPath: other))
    let found = try kin(root, other)
    #expect(found["verdict"]?.string == "undecided")
    #expect(found["reason"]?.string?.isEmpty == false)
    #expect(try Tool.run("kin", root, scratch.path("none.h5")).code == 66)
  }
}
