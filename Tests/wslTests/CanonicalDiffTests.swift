import Foundation
import Support
import TestSupport
import Testing

/// The same tensors under other names, orders, layouts, fusions, stackings, types and gauges.
///
/// Tried by hand beside these: keras .h5 beside its `wsl convert`ed safetensors and ONNX (equal and transposed),
/// GPT-2's Conv1D c_attn beside three Linear (slices, axes 1, 0), queries, keys and values interleaved by head (slices,
/// twelve runs), eight experts of which one was transposed (transposed), and `match -o` (permuted).
@Suite("diff --canonical")
struct CanonicalDiffTests {
  private let scratch: Scratch
  init() throws { scratch = try Scratch() }

  /// A tensor to be written.
  struct Array2 {
    var rows: Int
    var columns: Int
    var values: [Float]

    var transposed: Array2 {
      var result = Array2(rows: columns, columns: rows, values: values)
      for row in 0..<rows {
        for column in 0..<columns {
          result.values[column * rows + row] = values[row * columns + column]
        }
      }
      return result
    }

    func rows(_ order: [Int]) -> Array2 {
      Array2(
        rows: order.count, columns: columns,
        values: order.flatMap { values[($0 * columns)..<(($0 + 1) * columns)] })
    }

    func scaled(_ factors: [Float]) -> Array2 {
      var result = self
      for at in values.indices { result.values[at] *= factors[at / columns] }
      return result
    }
  }

  /// Numbers of no pattern.
  static func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
    }
  }

  static func matrix(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Array2 {
    Array2(rows: rows, columns: columns, values: numbers(rows * columns, seed))
  }

  private func write(_ name: String, _ fill: (inout SafetensorsMaker) -> Void) throws -> String {
    var maker = SafetensorsMaker()
    fill(&maker)
    let path = scratch.path("\(name).safetensors")
    try maker.file.write(to: URL(fileURLWithPath: path))
    return path
  }

  /// The relation of each of A's tensors, and the rest of the result.
  private func compare(
    _ a: String, _ b: String, _ more: String..., code: Int32 = 0
  ) throws -> (relations: [String: String], json: JSONValue) {
    let outcome = try Tool.run(["diff", a, b, "--canonical", "--json"] + more)
    #expect(outcome.code == code, "\(outcome.errors)")
    let json = try outcome.json()
    var relations: [String: String] = [:]
    for row in json["pairs"]?.array ?? [] {
      let name = row["name"]?.string ?? "B: \(row["other"]?.string ?? "")"
      relations[name, default: ""] += row["relation"]?.string ?? ""
    }
    return (relations, json)
  }

  @Test("fused, stacked, transposed and renamed tensors hold the same numbers")
  func layouts() throws {
    let parts = ["q", "k", "v"].enumerated().map { Self.matrix(8, 8, UInt64($0.offset + 1)) }
    let experts = (0..<4).map { Self.matrix(6, 6, UInt64($0 + 10)) }
    let (gate, up, out) = (Self.matrix(16, 8, 20), Self.matrix(16, 8, 21), Self.matrix(8, 8, 22))
    let a = try write("a") { file in
      for (name, part) in zip(["q", "k", "v"], parts) {
        file.add("attention.\(name).weight", [8, 8], part.values)
        file.add("attention.\(name).bias", [8], [Float](repeating: 0, count: 8))
      }
      for (number, expert) in experts.enumerated() {
        file.add("experts.\(number).weight", [6, 6], expert.values)
      }
      file.add("gate.weight", [16, 8], gate.values)
      file.add("up.weight", [16, 8], up.values)
      file.add("out.weight", [8, 8], out.values)
    }
    let b = try write("b") { file in
      file.add("h.qkv.w", [24, 8], parts.flatMap(\.values))
      file.add("h.qkv.b", [24], [Float](repeating: 0, count: 24))
      // The third expert lies the other way round.
      file.add(
        "h.experts", [4, 6, 6],
        experts.enumerated().flatMap {
          $0.offset == 2 ? $0.element.transposed.values : $0.element.values
        })
      file.add(
        "h.gate_up", [8, 32],
        Array2(rows: 32, columns: 8, values: gate.values + up.values).transposed.values)
      file.add("h.out", [8, 8], out.transposed.values)
    }
    let (relations, json) = try compare(a, b)
    for name in ["q", "k", "v"] {
      #expect(relations["attention.\(name).weight"] == "slices")
      // Zeros say nothing of where they are from; one of the three finds the fused zeros by its kernel.
      #expect(relations["attention.\(name).bias"] != nil)
    }
    for number in 0..<4 {
      #expect(relations["experts.\(number).weight"] == (number == 2 ? "transposed" : "slices"))
    }
    #expect(relations["gate.weight"] == "slices" && relations["up.weight"] == "slices")
    #expect(relations["out.weight"] == "transposed")
    let keys = json["pairs"]?.array?.first { $0["name"]?.string == "attention.k.weight" }
    #expect(keys?["other"]?.string == "h.qkv.w" && keys?["part"]?["of"]?.string == "b")
    #expect(keys?["part"]?["ranges"]?[0]?.array?.map(\.number) == [8, 16])
    // The same from the other side.
    #expect(try compare(b, a).relations["h.qkv.w"] == "slicesslicesslices")
  }

  @Test("units in another order and with other scales are told from changed ones")
  func gauges() throws {
    let (first, second) = (Self.matrix(12, 7, 31), Self.matrix(5, 12, 32))
    let (bias, last) = (Self.numbers(12, 33), Self.numbers(5, 34))
    let order = [3, 0, 7, 11, 1, 2, 5, 4, 10, 6, 9, 8]
    let factors = (0..<12).map { Float($0 + 1) / 4 }
    func network(
      _ name: String, _ one: Array2, _ vector: [Float], _ two: Array2
    ) throws -> String {
      try write(name) { file in
        file.add("fc1.weight", [12, 7], one.values)
        file.add("fc1.bias", [12], vector)
        file.add("fc2.weight", [5, 12], two.values)
        file.add("fc2.bias", [5], last)
      }
    }
    let a = try network("a", first, bias, second)
    let permuted = try network(
      "permuted", first.rows(order), order.map { bias[$0] },
      second.transposed.rows(order).transposed)
    let (moved, json) = try compare(a, permuted)
    #expect(
      moved == [
        "fc1.weight": "permuted", "fc1.bias": "permuted", "fc2.weight": "permuted",
        "fc2.bias": "equal",
      ])
    #expect(json["sameContent"]?.bool == true)
    let scaled = try network(
      "scaled", first.scaled(factors), zip(bias, factors).map { $0 * $1 },
      second.transposed.scaled(factors.map { 1 / $0 }).transposed)
    #expect(
      try compare(a, scaled).relations == [
        "fc1.weight": "rescaled", "fc1.bias": "rescaled", "fc2.weight": "rescaled",
        "fc2.bias": "equal",
      ])
    // A bias that is multiplied by other factors than its kernel is changed.
    let wrong = try network(
      "wrong", first.scaled(factors), zip(bias, factors.reversed()).map { $0 * $1 }, second)
    let relations = try compare(a, wrong, "--fail-above", "0.01", code: 2).relations
    #expect(relations["fc1.weight"] == "rescaled" && relations["fc1.bias"] == "changed")
  }

  @Test("what a narrower type keeps is equal after a cast, what it does not keep is changed")
  func casts() throws {
    let values = Self.numbers(64, 41)
    let halves = values.map { Float16($0).bitPattern }
    let brains = values.map { value -> UInt16 in
      let bits = value.bitPattern
      return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
    }
    let a = try write("a") { $0.add("w", [8, 8], values) }
    for (type, bits) in [("F16", halves), ("BF16", brains)] {
      let b = try write(type) { $0.add("v", [8, 8], type, bits) }
      #expect(try compare(a, b).relations == ["w": "equalAfterCast"])
      #expect(try compare(b, a).relations == ["v": "equalAfterCast"])
      let off = try write("off") { $0.add("w", [8, 8], type, [bits[0] ^ 1] + bits.dropFirst()) }
      #expect(try compare(a, off).relations == ["w": "changed"])
    }
  }

  @Test("small changes in a narrow type are changes, and not factors near one")
  func smallChanges() throws {
    func file(_ name: String, _ factor: (Int) -> Float) throws -> String {
      let values = Self.numbers(400, 45).enumerated().map { ($0.element + 2) * factor($0.offset) }
      return try write(name) {
        $0.add(
          "w", [20, 20], "BF16", values.map { UInt16(truncatingIfNeeded: $0.bitPattern >> 16) })
      }
    }
    let a = try file("a") { _ in 1 }
    let noise = Self.numbers(400, 46)
    #expect(try compare(a, file("tuned") { 1 + 0.02 * noise[$0] }).relations == ["w": "changed"])
    #expect(
      try compare(a, file("scaled") { 1 + Float($0 / 20) / 4 }).relations == ["w": "rescaled"])
  }

  @Test("of a model that was changed, what was not is untouched, and what is gone is missing")
  func untouched() throws {
    func file(_ name: String, _ change: (Int) -> Float?) throws -> String {
      try write(name) { file in
        for number in 0..<6 {
          guard let step = change(number) else { continue }
          file.add(
            "experts.\(number).weight", [4, 4],
            Self.numbers(16, UInt64(number + 50)).map { $0 + step })
        }
        file.add("head.weight", [3, 4], Self.numbers(12, 60))
      }
    }
    let a = try file("a") { _ in 0 }
    let b = try file("b") { $0 == 1 ? 0 : $0 == 4 ? nil : 0.25 }
    let (relations, _) = try compare(a, b)
    #expect(relations["experts.1.weight"] == "untouched")
    #expect(relations["experts.4.weight"] == "missing")
    #expect(relations["experts.0.weight"] == "changed")
    // Nothing was changed: what is equal is equal.
    #expect(Set(try compare(a, a).relations.values) == ["equal"])
  }

  @Test("constants are paired by name, and else said to be one of several")
  func constants() throws {
    let ones = [Float](repeating: 1, count: 8)
    let a = try write("a") { file in
      for name in ["x", "y"] { file.add("\(name).scale", [8], ones) }
      file.add("w", [8, 2], Self.numbers(16, 70))
    }
    let b = try write("b") { file in
      file.add("y.scale", [8], ones)
      file.add("z.gain", [8], ones)
      file.add("w", [8, 2], Self.numbers(16, 70))
    }
    let (relations, json) = try compare(a, b)
    #expect(Set(relations.values) == ["equal"])
    for row in json["pairs"]?.array ?? [] {
      #expect(row["ambiguous"]?.bool == (row["name"]?.string == "x.scale"))
    }
  }

  @Test("the result does not depend on the memory, and usage errors say what is wrong")
  func bounds() throws {
    let a = try write("a") { $0.add("w", [300, 300], Self.matrix(300, 300, 80).values) }
    let b = try write("b") { $0.add("w", [300, 300], Self.matrix(300, 300, 80).transposed.values) }
    #expect(try compare(a, b, "--max-memory", "64M").relations == ["w": "transposed"])
    #expect(try Tool.run("diff", a, b, "--canonical", "--transposed").code == 64)
  }
}
