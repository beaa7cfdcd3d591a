import LinearAlgebra

/// What was answered to each model, beside what is right.
struct ProbeAnswers {
  /// For classes: a row for each true class, a column for each answer.
  private(set) var confusion: [[Int]] = []
  /// For classes and labels: how far shares are from the truth.
  private(set) var calibration: Calibration?

  /// Compares.
  ///
  /// - Parameters:
  ///   - scores: for each repetition the scores of each model, such that squashing makes shares of
  ///     them.
  init(_ targets: ProbeTargets, scores: [[Int: [Double]]], models: [Int]) {
    var (confidences, isRight): ([Double], [Bool]) = ([], [])
    switch targets {
    case .numbers: return
    case .classes(let classes, let count):
      confusion = Array(repeating: Array(repeating: 0, count: count), count: count)
      for repetition in scores {
        for model in models {
          guard let own = repetition[model] else { continue }
          let answer = ScoreMath.best(own)
          confusion[classes[model]][answer] += 1
          confidences.append(ScoreMath.softmax(own)[answer])
          isRight.append(answer == classes[model])
        }
      }
    case .labels(let labels):
      for repetition in scores {
        for model in models {
          for (column, score) in (repetition[model] ?? []).enumerated() {
            let share = ScoreMath.sigmoid(score)
            confidences.append(max(share, 1 - share))
            isRight.append((score > 0) == (labels[model, column] > 0.5))
          }
        }
      }
    }
    calibration = Calibration(confidences: confidences, isRight: isRight)
  }
}
