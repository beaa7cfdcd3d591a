import Foundation
import Support
import Testing
import ZooBuilding
import ZooSpecs

@Suite("Errors of specs")
struct SpecErrorTests {
  static let wrong: [(text: String, message: String)] = [
    (
      "model: {widths: [1]}",
      "line 3: 'kind' is missing; use mlp, vgg, resnet, gpt, llama, vit, lstm"
    ),
    ("model: {kind: gpt, layers: 2}", "line 3: 'layers' or 'width' is missing"),
    ("model: {kind: gpt, layers: 2, width: 10, heads: 4}", "line 3: 10 channels do not divide"),
    ("model: {kind: llama, layers: 2, width: 12, heads: 4}", "line 3: heads of 3 channels"),
    (
      "model: {kind: llama, layers: 1, width: 16, heads: 4, key-value-heads: 3}",
      "line 3: 4 query heads cannot share 3"
    ),
    ("model: {kind: vit, layers: 1, width: 8, context: 9}", "line 3: unknown key 'context'"),
    ("model: {kind: mlp, depth: 2}", "line 3: 'widths' is missing; "),
    ("model: {kind: mlp, widths: [1], depth: 2}", "line 3: 'widths' says how many"),
    ("model: {kind: mlp, blocks: [1]}", "line 3: unknown key 'blocks'"),
    ("model: {kind: vgg, width: 8}", "line 3: the depth is missing"),
    ("model: {kind: vgg, depth: 12}", "line 3: there is no VGG of that depth; use 11, 13, 16, 19"),
    ("model: {kind: vgg, layers: [8, M, M]}", "line 3: pooling stands after a convolution"),
    ("model: {kind: vgg, layers: [8]}", "line 3: the last layer is pooling"),
    ("model: {kind: vgg, layers: [8, M], width: 3}", "line 3: 'layers' names every layer"),
    ("model: {kind: vgg, blocks: [0]}", "line 3: 0 is not in 1…1000"),
    ("model: {kind: resnet, depth: 21}", "line 3: there is no residual network of that depth"),
    ("model: {kind: resnet, blocks: [1], stem: tiny}", "line 3: 'tiny' is not known here"),
    ("model: {kind: resnet, blocks: [1], depth: 20}", "line 3: 'depth' and 'blocks' exclude"),
    (mlp + "random: {fields: {}}", "line 4: 'count' is missing"),
    (mlp + "random: {count: 2}", "line 4: 'fields' is missing"),
    (
      mlp + "random: {count: 2, fields: {training.learning-rate: {log-uniform: [0, 1]}}}",
      "line 4: 0.0 is not in 1e-300…1e+300"
    ),
    (
      mlp + "random: {count: 2, fields: {model.width: {normal: [0, 1]}}}",
      "line 4: unknown key 'normal'"
    ),
    (
      mlp + "random: {count: 1, fields: {training.epochs: {uniform: [1.2, 1.8]}}}",
      "line 4: expected a whole number"
    ),
    (mlp + "random: {count: 2, fields: {seed: [0, 1]}}", "line 4: only fields of data, model"),
    (mlp + "models: []", "line 4: there are no models"),
    (mlp + "models: [{parent: a}]", "line 4: 'name' is missing"),
    (mlp + "models:\n- name: a\n- name: a", "line 6: two models are called 'a'"),
    (
      mlp + "models:\n- name: a\n- name: b\n  parent: c",
      "line 7: there is no model 'c' to start from; use a"
    ),
    (
      mlp + "models:\n- name: a\n  parent: b\n- name: b\n  parent: a",
      "line 8: a model cannot descend from itself: a ← b ← a"
    ),
    (
      mlp + "models:\n- name: a\n- name: b\n  parent: a\n  model: {width: 3}",
      "line 8: a model that starts from another has the same network"
    ),
    (
      mlp + "models:\n- name: a\n- name: b\n  parent: a\n  grid:\n    model.width: [3]",
      "line 9: a model that starts from another has the same network"
    ),
    (
      mlp + "models:\n- name: a\n  training: {epoch: 3}",
      "line 6: unknown key 'epoch'; did you mean 'epochs'?"
    ),
    (
      mlp + "grid: {data.corruption: [{type: frogs}]}", "line 4: 'frogs' is not known here"
    ),
    (
      mlp + "grid: {data.corruption: [{type: contrast, severity: 6}]}",
      "line 4: 6 is not in 1…5"
    ),
    (
      mlp + "grid: {data.corruption: [{type: snow, strength: 1}]}",
      "line 4: snow takes no strength; give a severity"
    ),
    (
      mlp + "grid: {data.corruption: [{type: contrast, strength: 1.5}]}",
      "line 4: 1.5 is not in 0.0…1.0"
    ),
    (mlp + "grid: {data.portion: [[0.5, 0.2]]}", "line 4: expected two shares, the smaller first"),
    (
      mlp + "grid: {data.corruption: [{type: inverse, severity: 1}]}",
      "line 4: inverse has no severity"
    ),
    (mlp + "training: {epochs: 2, checkpoints: [3]}", "line 4: 3 is not in 0…2"),
  ]

  static let mlp = "model: {kind: mlp, width: 8}\n"

  @Test("what is wrong is named with file and line, and what would be right", arguments: wrong)
  func named(text: String, message: String) {
    let error = #expect(throws: Diagnostic.self) {
      try ZooSpec(parsing: "name: z\ndata: digits\n" + text, file: "z.yaml")
    }
    let expected = "z.yaml › " + message
    #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
    #expect(error?.code == .badData)
  }
}

@Suite("Specs that no machine can hold")
struct AbsurdSpecTests {
  // Tried by hand beside these with `zoo build`: a grid and a random search of which one width does not fit, a
  // chain of 100 000 variants, a network of a million layers, 10^11 epochs, aliases of aliases, 100 000
  // brackets: refused at once (the chain after 8 s). A batch of a million examples is as large as the data.
  @Test(
    "are refused before any work, with the line of the spec and both sizes",
    arguments: [
      "{kind: mlp, widths: [300000, 300000]}",
      "{kind: mlp, width: 1000000, depth: 10000}",
      "{kind: vgg, width: 100000, blocks: [1, 1]}",
      "{kind: resnet, blocks: [1000, 1000, 1000], width: 200000}",
    ])
  func memory(_ model: String) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("wsl-absurd-\(UUID().uuidString)").path
    let spec = try ZooSpec(
      parsing: "name: wide\ndata: digits\nmodel: \(model)\ntraining: {epochs: 1}\n", file: "w.yaml")
    let error = await #expect(throws: Diagnostic.self) {
      try await ZooBuilder(spec: spec, folder: folder, existing: .refuse).build(jobs: 1)
    }
    #expect(error?.code == .badData)
    let text = error?.description ?? ""
    #expect(text.contains("line 3") && text.contains("the network takes"), "\(text)")
    #expect(text.contains("memory, and there are"), "\(text)")
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test("widths that a factor makes absurd are errors of the spec")
  func factors() {
    for model in [
      "{kind: vgg, width: 900000, blocks: [1], width-multiplier: 999.5}",
      "{kind: resnet, blocks: [1, 1, 1, 1, 1, 1, 1, 1], width: 900000}",
    ] {
      let error = #expect(throws: Diagnostic.self) {
        try ZooSpec(parsing: "name: w\ndata: digits\nmodel: \(model)\n", file: "w.yaml")
      }
      #expect(error?.description.contains("units wide") == true, "\(String(describing: error))")
    }
  }

  @Test("a tree of too many generations is an error, and not the end of the stack")
  func generations() {
    var text = "name: t\ndata: digits\nmodel: {kind: mlp, widths: [8]}\nmodels:\n- name: m0\n"
    for number in 1...1200 { text += "- {name: m\(number), parent: m\(number - 1)}\n" }
    let error = #expect(throws: Diagnostic.self) { try ZooSpec(parsing: text, file: "t.yaml") }
    #expect(error?.description.contains("ancestors") == true)
  }
}
