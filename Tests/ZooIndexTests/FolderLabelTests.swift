import Foundation
import Support
import Testing

@testable import ZooIndex

/// What stands beside weights in folders of adapters and of trainers.
///
/// Tried by hand as well, with files that safetensors 0.5 wrote: an adapter in a Trainer's checkpoint (both
/// documents told), the same folders in a zip (told, but for parents that are paths), a model of a hub
/// cache as the base (found by `owner/name`), a folder with a model and an adapter (`both`,
/// `both/adapter_model`).
@Suite("Labels of folders") struct FolderLabelTests {
  private static let factors = [
    "base_model.model.fc.lora_A.weight": [4, 16], "base_model.model.fc.lora_B.weight": [16, 4],
  ]

  private func adapter(_ folder: IndexFolder, _ name: String, base: String) throws {
    try folder.write(Self.factors, 1, to: "zoo/\(name)/adapter_model.safetensors")
    try folder.write(
      """
      {"peft_type": "LORA", "r": 4, "lora_alpha": 16, "target_modules": ["v_proj", "q_proj"],
       "rank_pattern": {}, "revision": null, "base_model_name_or_path": "\(base)"}
      """, to: "zoo/\(name)/adapter_config.json")
  }

  @Test("an adapter goes by its folder's name, and tells its rank and its base")
  func adapters() async throws {
    let folder = try IndexFolder()
    try folder.write(["fc.weight": [16, 16]], 1, to: "zoo/base/model.safetensors")
    try folder.write(
      #"{"hidden_size": 16, "architectures": ["A", "B"], "id2label": {"0": "x"}}"#,
      to: "zoo/base/config.json")
    let bases = [
      ("first", "base"), ("second", "../zoo/base"), ("third", folder.zoo + "/base"),
      ("fourth", "owner/base"),
    ]
    for (name, base) in bases { try adapter(folder, name, base: base) }
    let summary = try await folder.update()
    #expect(summary.failures.isEmpty && summary.warnings.isEmpty)
    #expect(
      try folder.ask("name hidden_size architectures", where: "layout = 'folder' and r is null")
        == ["base|16|A,B"])
    let base = folder.zoo + "/base/model.safetensors"
    #expect(
      try folder.ask(
        "name r lora_alpha target_modules peft_type parent parent_file", where: "r = 4")
        == [
          "first|4|16|q_proj,v_proj|LORA|base|\(base)",
          // A base that is not there stays a name.
          "fourth|4|16|q_proj,v_proj|LORA|owner/base|",
          "second|4|16|q_proj,v_proj|LORA|../zoo/base|\(base)",
          "third|4|16|q_proj,v_proj|LORA|\(base.dropLast("/model.safetensors".count))|\(base)",
        ])
  }

  @Test("a model and an adapter in one folder are two models, each with its own documents")
  func both() async throws {
    let folder = try IndexFolder()
    try adapter(folder, "both", base: "both")
    try folder.write(["fc.weight": [16, 16]], 1, to: "zoo/both/model.safetensors")
    try folder.write(#"{"hidden_size": 16}"#, to: "zoo/both/config.json")
    try await folder.update()
    #expect(
      try folder.ask("name r hidden_size parent_file") == [
        "both/adapter_model|4||\(folder.zoo)/both/model.safetensors", "both||16|",
      ])
  }

  @Test("a damaged document costs its labels, not the model")
  func damaged() async throws {
    let folder = try IndexFolder()
    try adapter(folder, "a", base: "x")
    try folder.write(#"{"r": 4,"#, to: "zoo/a/adapter_config.json")
    try folder.write("[]", to: "zoo/a/trainer_state.json")
    let summary = try await folder.update()
    #expect(summary.models == 1 && summary.failures.isEmpty)
    #expect(summary.warnings.contains { $0.contains("adapter_config.json tells nothing") })
    #expect(try folder.ask("name") == ["a"])
    // Mended, it is read again.
    try adapter(folder, "a", base: "x")
    #expect(try await folder.update().read == 1)
    #expect(try folder.ask("name r") == ["a|4"])
  }

  @Test("a trainer's checkpoint tells how far it was, and its last evaluation with its step")
  func trainer() async throws {
    let folder = try IndexFolder()
    let place = "zoo/run/checkpoint-500"
    try folder.write(["fc.weight": [4, 4]], 1, to: place + "/model.safetensors")
    try folder.write(
      """
      {"epoch": 2.5, "global_step": 500, "best_metric": NaN, "max_steps": 900,
       "is_world_process_zero": true, "log_history": [
        {"loss": 0.7, "step": 100}, {"eval_accuracy": 0.1, "step": 200}, {"loss": 0.5, "step": 400},
        {"eval_mnli_accuracy": 0.8, "eval_runtime": 3.5, "step": 400},
        {"eval_mnli_mm_accuracy": 0.7, "eval_steps_per_second": 9.5, "step": 400},
        {"eval_mnli_accuracy": 0.9, "step": 600}, {"loss": 0.1, "step": 700}]}
      """, to: place + "/trainer_state.json")
    // A flat document of results, as `save_metrics` writes it.
    try folder.write(["fc.weight": [4, 4]], 2, to: "zoo/end/model.safetensors")
    try folder.write(#"{"eval_loss": 0.25, "train_loss": 0.5}"#, to: "zoo/end/all_results.json")
    try folder.write(#"{"eval_loss": 9}"#, to: "zoo/end/eval_results.json")
    try await folder.update()
    #expect(
      try folder.ask(
        "name epoch global_step max_steps loss eval_step eval_mnli_accuracy eval_mnli_mm_accuracy",
        where: "global_step = 500") == ["checkpoint-500|2.5|500|900|0.5|400|0.8|0.7"])
    #expect(try folder.ask("name eval_loss train_loss", where: "name = 'end'") == ["end|0.25|0.5"])
    let index = try ZooIndex.open(reading: folder.index)
    let names = Set(try index.columns().map(\.name))
    // Of the machine, of another state than the checkpoint's, and what is no number.
    #expect(
      names.isDisjoint(with: [
        "eval_runtime", "eval_steps_per_second", "best_metric", "is_world_process_zero",
        "eval_accuracy",
      ]))
  }
}
