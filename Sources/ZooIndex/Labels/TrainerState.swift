import Support

/// What a trainer of Hugging Face's libraries had seen when it wrote a checkpoint
/// (`trainer_state.json` beside the weights): how far it was, the best result so far, and the last
/// evaluation.
struct TrainerState {
  /// The document's name.
  static let name = "trainer_state.json"
  /// The labels.
  let labels: [Label]

  /// Facts of the training; the others describe the process that trained.
  private static let facts: Set<String> = [
    "epoch", "global_step", "best_metric", "best_global_step", "best_model_checkpoint", "max_steps",
    "num_train_epochs", "train_batch_size", "num_input_tokens_seen", "total_flos",
  ]
  /// What an evaluation tells of the machine.
  private static let speeds = ["_runtime", "_per_second", "_compilation_time"]

  /// Reads the document.
  init(_ json: JSONValue) {
    let own = LabelReading.scalars(json, Self.name).filter { Self.facts.contains($0.name) }
    let step = json["global_step"]?.number
    // Entries behind the checkpoint's own step are of another state.
    let entries = (json["log_history"]?.array ?? []).filter { entry in
      guard let step, let other = entry["step"]?.number else { return true }
      return other <= step
    }
    labels = own + Self.loss(entries) + Self.evaluation(entries)
  }

  /// The last loss that was logged while training.
  private static func loss(_ entries: [JSONValue]) -> [Label] {
    let last = entries.last { $0["loss"]?.number != nil }?["loss"]?.number
    return last.map { [Label("loss", IndexValue(number: $0), origin: name)] } ?? []
  }

  /// The results of the last evaluation, which may be several entries of one step: one a data set. Its
  /// step stands beside it, as it may be an earlier one than the checkpoint's.
  private static func evaluation(_ entries: [JSONValue]) -> [Label] {
    func results(_ entry: JSONValue) -> [Label] {
      LabelReading.scalars(entry, name).filter { label in
        label.name.hasPrefix("eval_") && !speeds.contains { label.name.hasSuffix($0) }
      }
    }
    guard let last = entries.last(where: { !results($0).isEmpty }) else { return [] }
    let step = last["step"]?.number
    let same = entries.filter { step != nil && $0["step"]?.number == step }
    let all = step == nil ? results(last) : same.flatMap(results)
    return all + (step.map { [Label("eval_step", IndexValue(number: $0), origin: name)] } ?? [])
  }
}
