import Catalogs
import Foundation
public import ModelGraph
public import Networks
import Support
import WeightFiles

extension LoadedPair {
  /// The pair with its networks read as data tell, where names and shapes alone leave several readings:
  /// `confirmed` where one reading does what a trained network does and the others do not. Where the
  /// data do not tell, every unit that another reading concerns stays in place.
  ///
  /// - Parameter data: labelled examples of what the networks were trained for.
  /// - Throws: `Diagnostic` where the data do not fit the network.
  public func toldApart(
    by data: Dataset, statement: GraphStatement, jobs: Int?
  ) throws -> LoadedPair {
    // The networks are run whole, each with its own weights under A's names.
    guard pair.isWhole, certainty == .assumed, pair.a.certainty == .assumed,
      pair.b.certainty == .assumed,
      !statement.states(.row), let readingsA = RowReadings(fileA.catalog),
      let readingsB = RowReadings(fileB.catalog), readingsA.variations == readingsB.variations
    else { return self }
    let trial = ReadingTrial(
      readingsA, statement: statement, weights: [weightsA, weightsB], data: data, jobs: jobs)
    guard let verdict = try trial.verdict() else {
      return try with(
        readingsA.cautiousGraph(statement: statement),
        readingsB.cautiousGraph(statement: statement))
    }
    var told = statement
    if !readingsA.statesActivation, statement.activation == nil {
      told = told.adding(.activation(verdict.best.activation))
    }
    let graphs = try [readingsA, readingsB].map { readings in
      var graph = try readings.graph(verdict.best.variation, statement: told)
      graph.certainty = .confirmed
      graph.assumptions.insert(
        confirmation(verdict, readings, statesActivation: told == statement), at: 0)
      return graph
    }
    return try with(graphs[0], graphs[1])
  }

  private func confirmation(
    _ verdict: ReadingTrial.Verdict, _ readings: RowReadings, statesActivation: Bool
  ) -> Assumption {
    func figures(_ finding: ReadingTrial.Finding) -> String {
      String(format: "loss %.3f, accuracy %.1f %%", finding.loss, 100 * finding.accuracy)
    }
    let words = readings.describe(verdict.best.variation)
    let activation = statesActivation ? "" : " with \(verdict.best.activation.name)"
    return Assumption(
      .row,
      "\(verdict.exampleCount) examples tell that the layers are \(words)\(activation): "
        + "\(figures(verdict.best)); the next best reading, "
        + "\(readings.describe(verdict.next.variation)): \(figures(verdict.next))",
      alternatives: [readings.describe(verdict.next.variation)], effect: .taken)
  }

  private func with(_ a: ModelGraph, _ b: ModelGraph) throws -> LoadedPair {
    let pair = try ModelPair(a, b)
    return LoadedPair(
      fileA: fileA, fileB: fileB, graph: pair.a, pair: pair, weightsA: weightsA,
      weightsB: weightsB,
      assumptions: FileAssumption.all([
        (fileA.catalog.file, pair.a), (fileB.catalog.file, pair.b),
      ]))
  }
}
