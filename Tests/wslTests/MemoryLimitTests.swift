import Foundation
import TestSupport
import Testing
import WeightFiles
import Support

/// `--max-memory` on the command line, of the commands that hold tensors whole. What those do that stream
/// them is in `BoundedTests`.
///
/// Tried by hand beside it, in models of 24 MiB and of 1 MiB: `connect`, `evaluate`, `merge` of adapters and
/// with `--match`, `permute`, `patch` of each format, `spectrum --compat weightwatcher` and `--compare`: each
/// does its work, or is one line with both sizes.
@Suite("Limits of memory, tensor by tensor") struct MemoryLimitTests {
  private let scratch: Scratch

  /// A model of six square matrices of 256 KiB each, and what training made of it.
  init() throws {
    scratch = try Scratch()
    for (name, step) in [("p", Float(0)), ("s", 0.01), ("r", 0.02)] {
      var maker = SafetensorsMaker()
      for layer in 0..<6 {
        let seed = layer * 65_536
        maker.add(
          "layers.\(layer).weight", [256, 256],
          (0..<65_536).map { place in
            let base = Float((seed + place) &* 7919 % 104_729) / 104_729 - 0.5
            let noise = Float((seed + place) &* 104_729 % 7919) / 7919 - 0.5
            return base + step * noise * (step > 0.015 ? Float(place % 3) : 1)
          })
      }
      try maker.file.write(to: scratch.url.appendingPathComponent("\(name).safetensors"))
    }
  }

  private func run(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.run(arguments, in: scratch.url)
  }

  @Test("a model larger than the limit is measured a layer at a time, with the same numbers")
  func spectrum() throws {
    // 1.5 MiB in all; a layer takes 1 MiB: its tensor, that in order, and the products in Float64.
    for words in [[], ["--compat", "weightwatcher"]] {
      let whole = try Tool.run(["spectrum", "p.safetensors", "--json"] + words, in: scratch.url)
      let limited = try Tool.run(
        ["spectrum", "p.safetensors", "--json", "--max-memory", "1200K"] + words, in: scratch.url)
      #expect(whole.code == 0 && limited.code == 0, "\(limited.errors)")
      #expect(whole.output == limited.output && whole.output.contains("layers.5"))
    }
    // Both tensors of a pair, and their difference.
    let both = ["spectrum", "--compare", "p.safetensors", "s.safetensors", "--json"]
    let pair = try Tool.run(both, in: scratch.url)
    #expect(try Tool.run(both + ["--max-memory", "1600K"], in: scratch.url).output == pair.output)
    #expect(try Tool.run(both + ["--max-memory", "1200K"], in: scratch.url).code == 3)
  }

  @Test("a layer larger than the limit is left out with both sizes")
  func largeLayer() throws {
    let refused = try run("spectrum", "p.safetensors", "--max-memory", "300K")
    #expect(refused.code == 3)
    #expect(refused.output.contains("needs 1 MiB, 300 KiB are allowed"), "\(refused.output)")
  }

  @Test("a signature is extracted tensor by tensor; a tensor that does not fit is named")
  func extraction() throws {
    func extract(_ output: String, _ limit: [String]) throws -> Tool.Outcome {
      try Tool.run(
        [
          "signature", "extract", "--pretrained", "p.safetensors", "--standard", "s.safetensors",
          "--robust", "r.safetensors", "-o", output,
        ] + limit, in: scratch.url)
    }
    let whole = try extract("whole.rws.h5", [])
    let limited = try extract("limited.rws.h5", ["--max-memory", "1100K"])
    #expect(whole.code == 0 && limited.code == 0, "\(limited.errors)")
    #expect(
      FileManager.default.contentsEqual(
        atPath: scratch.path("whole.rws.h5"), andPath: scratch.path("limited.rws.h5")))
    let refused = try extract("none.rws.h5", ["--max-memory", "700K"])
    #expect(refused.code == 1 && refused.errors.split(separator: "\n").count == 1)
    #expect(
      refused.errors.contains("layers.0.weight: needs 1 MiB, 700 KiB are allowed"),
      "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("none.rws.h5")))
  }

  @Test("what can only be held whole is one line, and nothing is written")
  func refusals() throws {
    for words in [
      ["match", "p.safetensors", "s.safetensors"],
      ["connect", "p.safetensors", "s.safetensors", "--data", "digits"],
      ["merge", "p.safetensors", "s.safetensors", "--match", "-o", "m.safetensors"],
    ] {
      let refused = try Tool.run(words + ["--max-memory", "1M"], in: scratch.url)
      let lines = refused.errors.split(separator: "\n")
      #expect(refused.code == 1 && lines.count == 1, "\(words) \(refused.code) \(refused.errors)")
      #expect(refused.errors.contains("and 1 MiB are allowed"), "\(refused.errors)")
    }
    #expect(scratch.contents == ["p.safetensors", "r.safetensors", "s.safetensors"])
  }

  @Test("a folder of images is bounded before an image is decoded")
  func images() throws {
    // 64×64 pixels of one grey: 16 KiB each as numbers.
    let image = try #require(
      Data(
        base64Encoded:
          "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAKUlEQVR42u3MQREAAAwCIKMb3RD77SAA6VEE"
          + "AoFAIBAIBAKBQCAQfA8G320AeXC6efoAAAAASUVORK5CYII="))
    for place in 0..<8 {
      let folder = scratch.url.appendingPathComponent("images/\(place % 2)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try image.write(to: folder.appendingPathComponent("\(place).png"))
    }
    var maker = SafetensorsMaker()
    maker.add("fc.weight", [2, 4096], (0..<8192).map { $0 < 4096 ? 0 : 1 })
    maker.add("fc.bias", [2], [0, 0])
    try maker.file.write(to: scratch.url.appendingPathComponent("small.safetensors"))
    let words = ["evaluate", "small.safetensors", "--data", "images", "--json", "--quiet"]
    let whole = try Tool.run(words + ["--max-memory", "200K"], in: scratch.url)
    #expect(try whole.json()["models"]?[0]?["cleanAccuracy"]?.number == 0.5, "\(whole.errors)")
    let refused = try Tool.run(words + ["--max-memory", "100K"], in: scratch.url)
    #expect(
      refused.code == 1 && refused.errors.contains("needs 128 KiB, 100 KiB are allowed"),
      "\(refused.code) \(refused.errors)")
  }
}
