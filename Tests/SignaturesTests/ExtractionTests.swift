import Foundation
import Support
import Tensors
import Testing
import WeightFiles

@testable import Signatures

/// Extraction against the formula written out, and its refusals.
@Suite struct ExtractionTests {
  @Test("dense values are the projection's formula; without it the plain difference")
  func formula() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let robust = TestModels.moved(models.pretrained, by: 0.05, seed: 7)
    let files = try await self.files(models, robust)
    for projects in [true, false] {
      var options = SignatureExtraction.Options(name: "x", layers: .all)
      options.levels = nil
      options.projects = projects
      let signature = try SignatureExtraction.extract(
        pretrained: files[0], standard: files[1], robust: files[2], options: options)
      #expect(signature.manifest.tensors.count == TestModels.shapes.count)
      for tensor in signature.manifest.tensors {
        let weights = try files.map {
          try $0.read($0.entry(named: tensor.name)).values.map(Double.init)
        }
        let a = zip(weights[1], weights[0]).map { $0 - $1 }
        let d = zip(weights[2], weights[0]).map { $0 - $1 }
        let share = projects ? dot(d, a) / dot(a, a) : 0
        let wanted = zip(d, a).map { Float($0 - share * $1) }
        let found = try signature.values(of: tensor)
        #expect(zip(found, wanted).allSatisfy { abs($0 - Double($1)) <= 1e-7 })
        if projects { #expect(abs(dot(found, a)) <= 1e-6 * dot(a, a)) }
        #expect(
          abs(Double(tensor.cosine ?? 9) - dot(d, a) / (dot(d, d) * dot(a, a)).squareRoot()) < 1e-3)
      }
    }
  }

  @Test("codes are nearer to dense values than on the grid that reaches over all of them")
  func quantised() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let dense = try await models.signature("fog", seed: 4, layers: .all, levels: nil)
    for levels in [2, 8, 16, 256] {
      let coded = try await models.signature("fog", seed: 4, layers: .all, levels: levels)
      for (tensor, exact) in zip(coded.manifest.tensors, dense.manifest.tensors) {
        let step = Double(try #require(tensor.grid).step)
        let pairs = zip(try coded.values(of: tensor), try dense.values(of: exact))
        // Beyond the last level values are cut off, and only there are they farther from it.
        let reach = step * Double(levels - 1)
        for (coded, dense) in pairs where levels > 2 && abs(coded) < reach * 0.4 {
          #expect(abs(coded - dense) <= 0.701 * step)
        }
        let values = try dense.values(of: exact)
        let grid = try Grid(
          least: min(0, values.min() ?? 0), largest: max(0, values.max() ?? 0), levels: levels)
        let wide = values.reduce(0) { $0 + pow($1 - grid.value(of: grid.code(of: $1)), 2) }
        let fitted = pairs.reduce(0) { $0 + pow($1.0 - $1.1, 2) }
        #expect(fitted <= wide * (1 + 1e-9))
      }
    }
  }

  @Test("where standard training changed nothing, nothing is projected out")
  func zeroDirection() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let robust = TestModels.moved(models.pretrained, by: 0.05, seed: 7)
    let files = [
      try await WeightFile.open(models.write(models.pretrained, as: "p.safetensors")),
      try await WeightFile.open(models.write(models.pretrained, as: "s.safetensors")),
      try await WeightFile.open(models.write(robust, as: "r.safetensors")),
    ]
    var options = SignatureExtraction.Options(name: "x", layers: .first(1))
    options.levels = nil
    let signature = try SignatureExtraction.extract(
      pretrained: files[0], standard: files[1], robust: files[2], options: options)
    let first = try #require(signature.manifest.tensors.first)
    #expect(first.cosine == nil && first.removed == nil && first.norm > 0)
    #expect(try signature.values(of: first).allSatisfy(\.isFinite))
  }

  @Test(
    "layers are counted by their kernels, or named",
    arguments: [
      ("first:1", 2), ("first:4", 8), ("all", 8), ("fc2*", 2), ("*.weight", 4), ("fc[13].bias", 2),
    ])
  func layers(choice: String, count: Int) async throws {
    let models = try TestModels()
    defer { models.remove() }
    let signature = try await models.signature(
      "fog", seed: 4, layers: LayerChoice(parsing: choice))
    #expect(signature.manifest.tensors.count == count)
    #expect(signature.manifest.options.layers == choice)
  }

  @Test("the same inputs make the same bytes, whatever the number of jobs")
  func reproducible() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let files = try await self.files(models, TestModels.moved(models.pretrained, by: 0.05, seed: 7))
    var written: [[UInt8]] = []
    for jobs in [1, 4] {
      var options = SignatureExtraction.Options(name: "x", layers: .all)
      options.jobs = jobs
      try SignatureExtraction.extract(
        pretrained: files[0], standard: files[1], robust: files[2], options: options
      ).write(to: models.path("\(jobs).rws.h5"), overwrites: false)
      written.append(try models.contents(models.path("\(jobs).rws.h5")))
    }
    #expect(written[0] == written[1] && written[0].count > 500)
  }

  @Test("strangers, other shapes, broken numbers and impossible levels are refused in one line")
  func refusals() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let robust = TestModels.moved(models.pretrained, by: 0.05, seed: 7)
    let files = try await self.files(models, robust)
    let stranger = try TestModels(seed: 99)
    defer { stranger.remove() }
    let strange = try await WeightFile.open(stranger.write(stranger.standard, as: "s.safetensors"))
    var broken = robust
    broken["fc2.weight"]?[5] = .nan
    let damaged = try await WeightFile.open(models.write(broken, as: "nan.safetensors"))
    var options = SignatureExtraction.Options(name: "x", layers: .first(2))
    func refusal(_ robust: WeightFile, _ options: SignatureExtraction.Options) -> Diagnostic? {
      do {
        _ = try SignatureExtraction.extract(
          pretrained: files[0], standard: files[1], robust: robust, options: options)
        return nil
      } catch { return error as? Diagnostic }
    }
    let unrelated = try #require(refusal(strange, options))
    #expect(unrelated.code == .badData && unrelated.message.contains("cosine"))
    let nan = try #require(refusal(damaged, options))
    #expect(nan.code == .badData && nan.description.contains("fc2.weight"))
    #expect(nan.description.contains("element 5"))
    options.levels = 1
    #expect(refusal(files[2], options)?.code == .usage)
    options.levels = 8
    options.layers = .first(5)
    #expect(refusal(files[2], options)?.code == .usage)
    options.layers = .named("conv*")
    #expect(refusal(files[2], options)?.code == .usage)
  }

  @Test("the smallest number of layers that reaches the share is chosen")
  func automatic() async throws {
    let gains = [0.5, 0.6, 0.74, 0.88, 0.89, 0.9]
    let choice = try await AutomaticLayers.choose(layerCount: 5) { gains[$0] }
    #expect(choice.count == 3 && choice.measures == [0.5, 0.6, 0.74, 0.88])
    let last = try await AutomaticLayers.choose(layerCount: 2) { [0.1, 0.2, 0.9][$0] }
    #expect(last.count == 2)
    await #expect(throws: Diagnostic.self) {
      try await AutomaticLayers.choose(layerCount: 3) { _ in 0.5 }
    }
  }

  private func files(
    _ models: TestModels, _ robust: [String: [Double]]
  ) async throws -> [WeightFile] {
    [
      try await WeightFile.open(models.write(models.pretrained, as: "p.safetensors")),
      try await WeightFile.open(models.write(models.standard, as: "s.safetensors")),
      try await WeightFile.open(models.write(robust, as: "r.safetensors")),
    ]
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
