import LinearAlgebra
import Support

/// What a study found.
public struct ProbeReport: Sendable {
  /// How a layer did.
  public struct Layer: Sendable {
    /// Its name.
    public var name: String
    /// The metric on the validation models of all splits.
    public var validation: ProbeFigure
  }

  /// How a method did on the test models.
  public struct Baseline: Sendable {
    /// The method's name.
    public var method: String
    /// The metric.
    public var test: ProbeFigure
    /// How many numbers it learned.
    public var parameterCount: Int
  }

  /// The layer with the best mean validation; nil for a method that sees all tensors.
  public var layer: String
  /// The metric on the validation models, of the layers chosen.
  public var validation: ProbeFigure
  /// The metric on the test models, of the layers chosen.
  public var test: ProbeFigure
  /// All layers, in order.
  public var layers: [Layer]
  /// The other methods.
  public var baselines: [Baseline]
  /// How many numbers the method learned.
  public var parameterCount: Int
  /// For classes: how often a model of the row's class was called the column's; over all seeds.
  public var confusion: [[Int]]
  /// How far shares are from the truth; nil for numbers.
  public var calibration: Calibration?
  /// What a guess without weights reaches on the test models.
  public var chance: Double
}

extension ProbeStudy {
  /// The report on what was added.
  ///
  /// - Throws: `Diagnostic` where the method saw nothing.
  public func report() throws -> ProbeReport {
    let name = options.method.description.name
    guard let own = trials[name], !own.isEmpty else {
      throw Diagnostic(.badData, "there is no layer that a probe could be trained on")
    }
    let layers = own.map { layer in
      ProbeReport.Layer(
        name: layer.layer, validation: validation(layer.trials.map { $0.map(\.validation) }))
    }
    let choice = choice(own)
    let judged = judgement(choice.trials)
    let best = layers.indices.max {
      (layers[$0].validation.mean, $1) < (layers[$1].validation.mean, $0)
    }
    let baselines = options.baselines.compactMap { method -> ProbeReport.Baseline? in
      guard let found = trials[method.description.name] else { return nil }
      let choice = self.choice(found)
      return ProbeReport.Baseline(
        method: method.description.name, test: judgement(choice.trials).figure,
        parameterCount: choice.trials.first?.first?.parameterCount ?? 0)
    }
    let tested = options.splits.first.map { $0.flatMap(\.test) } ?? []
    return ProbeReport(
      layer: best.map { layers[$0].name } ?? "",
      validation: validation(choice.trials.map { $0.map(\.validation) }), test: judged.figure,
      layers: layers, baselines: baselines,
      parameterCount: choice.trials.first?.first?.parameterCount ?? 0,
      confusion: judged.confusion, calibration: judged.calibration,
      chance: ProbeMetric.chance(targets, tested))
  }

  /// In each split the trial of the layer that is best on its validation models.
  private func choice(_ layers: [(layer: String, trials: [[Trial]])]) -> (
    layers: [[Int]], trials: [[Trial]]
  ) {
    var places: [[Int]] = []
    let trials = options.splits.indices.map { seed in
      let best = options.splits[seed].indices.map { fold in
        layers.indices.max {
          (layers[$0].trials[seed][fold].validation, $1)
            < (layers[$1].trials[seed][fold].validation, $0)
        } ?? 0
      }
      places.append(best)
      return options.splits[seed].indices.map { layers[best[$0]].trials[seed][$0] }
    }
    return (places, trials)
  }

  /// A figure of the validation models: the mean of the splits, with the interval of that mean.
  private func validation(_ found: [[Double]]) -> ProbeFigure {
    let all = found.flatMap { $0 }
    let mean = all.mean ?? 0
    let (low, high) = BootstrapInterval(groups: Array(all.indices)).bounds(seeds: 1) { items, _ in
      items.reduce(0) { $0 + all[$1] } / Double(max(1, items.count))
    }
    return ProbeFigure(mean: mean, low: low, high: high, folds: all)
  }

  /// The trials of all splits as one judgement on the test models.
  private func judgement(_ trials: [[Trial]]) -> (
    figure: ProbeFigure, confusion: [[Int]], calibration: Calibration?
  ) {
    let tests = options.splits.map { splits in splits.flatMap(\.test) }
    let models = tests.first ?? []
    // The same models in every repetition, each in its own order.
    let scores = options.splits.indices.map { seed -> [Int: [Double]] in
      var byModel: [Int: [Double]] = [:]
      for (split, trial) in zip(options.splits[seed], trials[seed]) {
        for (row, model) in split.test.enumerated() {
          let start = row * trial.scores.columns
          byModel[model] = trial.scores.values[start..<start + trial.scores.columns].map {
            $0 * trial.factor
          }
        }
      }
      return byModel
    }
    func value(_ chosen: [Int], _ seed: Int) -> Double {
      let rows = chosen.map { scores[seed][$0] ?? [] }
      return ProbeMetric.value(
        Matrix(rows: rows.count, columns: targets.outputCount, values: rows.flatMap { $0 }),
        targets, chosen)
    }
    let means = scores.indices.map { value(models, $0) }
    let (low, high) = BootstrapInterval(groups: models.map { options.groups[$0] })
      .bounds(seeds: scores.count) { items, seed in value(items.map { models[$0] }, seed) }
    let folds = options.splits.indices.flatMap { seed in
      options.splits[seed].map { value($0.test, seed) }
    }
    let figure = ProbeFigure(
      mean: means.mean ?? 0, low: low, high: high, folds: folds)
    let answers = ProbeAnswers(targets, scores: scores, models: models)
    return (figure, answers.confusion, answers.calibration)
  }
}
