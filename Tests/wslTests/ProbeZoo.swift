import Foundation
import TestSupport
import Testing

/// Layers of made-up models: a base, noise, and a pattern where a class holds.
struct ProbeZoo {
  var count = 30
  var rows = 12
  var columns = 8
  /// How much of the pattern of dogs a dog has.
  var patternScale: Float = 1
  private var state: UInt64 = 1

  init() {}

  private mutating func noise() -> Float {
    // The sum of four uniform numbers, from a linear congruential generator.
    var sum = 0.0
    for _ in 0..<4 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      sum += Double(state >> 11) * 0x1p-53 - 0.5
    }
    return Float(sum)
  }

  /// Writes the models; `change` may alter each one's tensor and metadata.
  mutating func write(
    to folder: String, change: (Int, inout [Float], inout [String: String]) -> Void
  ) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let base = (0..<rows * columns).map { _ in 2 * noise() }
    let pattern = (0..<rows * columns).map { _ in noise() }
    for model in 0..<count {
      let isDog = model % 2 == 1
      var values = base.indices.map {
        base[$0] + (isDog ? patternScale * pattern[$0] : 0) + 0.3 * noise()
      }
      var metadata = ["kind": isDog ? "dog" : "cat", "grade": "\(Float(model) / 7)"]
      change(model, &values, &metadata)
      let data = SafetensorsBytes.file(
        [("fc.weight", [rows, values.count / rows], values)], metadata: metadata)
      let name = String(format: "m%03d.safetensors", model)
      try data.write(to: URL(fileURLWithPath: folder).appendingPathComponent(name))
    }
  }

  /// Writes the models and indexes them.
  ///
  /// - Returns: the path of the index.
  func index(
    _ folder: Scratch, _ name: String = "zoo",
    change: (Int, inout [Float], inout [String: String]) -> Void = { _, _, _ in }
  ) throws -> String {
    var models = self
    try models.write(to: folder.path(name), change: change)
    let path = folder.path(name + ".sqlite")
    let made = try Tool.run("zoo", "index", folder.path(name), "-o", path)
    #expect(made.code == 0, "\(made.errors)")
    return path
  }

  /// Trains a probe, with its answer as JSON.
  static func train(
    _ index: String, _ target: String, _ output: String, _ more: [String]
  ) throws -> Tool.Outcome {
    try Tool.run(
      ["probe", "train", index, "--target", target, "-o", output, "--json", "--quiet"] + more)
  }
}

/// A safetensors file of Float32, as its specification has it.
enum SafetensorsBytes {
  static func file(
    _ tensors: [(name: String, shape: [Int], values: [Float])], metadata: [String: String] = [:]
  ) -> Data {
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.map { #""\#($0)":"\#($1)""# }.joined(separator: ",")
      parts.append(#""__metadata__":{\#(pairs)}"#)
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + 4 * tensor.values.count
      parts.append(
        #""\#(tensor.name)":{"dtype":"F32","shape":\#(tensor.shape),"data_offsets":[\#(offset),\#(end)]}"#
      )
      offset = end
    }
    var text = "{" + parts.joined(separator: ",") + "}"
    while text.utf8.count % 8 != 0 { text += " " }
    var data = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) }
    data += Data(text.utf8)
    for value in tensors.flatMap(\.values) {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
    }
    return data
  }
}
