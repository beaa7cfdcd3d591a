import Foundation

/// Checkpoints of one training, by what the index and the files' names say of their steps.
struct TrainingRuns {
  /// A training: its checkpoints among some models, in the order of steps.
  struct Run: Hashable {
    var models: [Int]
  }

  /// The runs of more than one checkpoint.
  let runs: [Run]

  /// Finds the runs.
  ///
  /// - Parameters:
  ///   - files: the models' files.
  ///   - steps: the step that the index has for each; nil where it has none.
  /// - Complexity: O(models), apart from sorting.
  init(files: [String], steps: [Double?]) {
    var members: [String: [(model: Int, step: Double)]] = [:]
    var finals: [String: Int] = [:]
    for (model, file) in files.enumerated() {
      let (key, step) = Self.parts(file)
      if let step {
        members[key, default: []].append((model, steps[model] ?? step))
      } else if finals[key] == nil {
        finals[key] = model
      }
    }
    var runs: [Run] = []
    for (key, found) in members {
      let sorted = found.sorted { ($0.step, $0.model) < ($1.step, $1.model) }
      // Two of one step are two trainings that cannot be told apart.
      guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.step < $1.step }) else { continue }
      let models = sorted.map(\.model) + [finals[key]].compactMap { $0 }
      if models.count > 1 { runs.append(Run(models: models)) }
    }
    self.runs = runs.sorted { $0.models[0] < $1.models[0] }
  }

  private static let words = [
    "epoch", "ep", "step", "steps", "global_step", "globalstep", "checkpoint", "ckpt", "iter",
    "iteration",
  ]

  /// A file's name without the word and number of its step, and that number: `run/checkpoint-500/model.safetensors`
  /// is `run/model.safetensors` at 500, and `mlp-epoch2.h5` is `mlp.h5` at 2.
  static func parts(_ file: String) -> (key: String, step: Double?) {
    var pieces = file.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    for place in pieces.indices.reversed() {
      guard let (rest, step) = stripped(pieces[place]) else { continue }
      if rest.isEmpty { pieces.remove(at: place) } else { pieces[place] = rest }
      return (pieces.joined(separator: "/"), step)
    }
    return (file, nil)
  }

  /// A word without the last of its parts that tells a step.
  private static func stripped(_ text: String) -> (rest: String, step: Double)? {
    let characters = Array(text)
    var end = characters.count
    while end > 0 {
      guard characters[end - 1].isASCII, characters[end - 1].isNumber else {
        end -= 1
        continue
      }
      var start = end
      while start > 0, characters[start - 1].isASCII, characters[start - 1].isNumber { start -= 1 }
      var wordEnd = start
      if wordEnd > 0, "-_=".contains(characters[wordEnd - 1]) { wordEnd -= 1 }
      for word in words.sorted(by: { $0.count > $1.count }) where wordEnd >= word.count {
        let begin = wordEnd - word.count
        let isWord = String(characters[begin..<wordEnd]).lowercased() == word
        let isBound = begin == 0 || "-_.=".contains(characters[begin - 1])
        guard isWord, isBound, let step = Double(String(characters[start..<end])) else { continue }
        let before = begin > 0 ? begin - 1 : 0
        let after = end
        return (String(characters[..<before]) + String(characters[after...]), step)
      }
      end = start
    }
    return nil
  }
}
