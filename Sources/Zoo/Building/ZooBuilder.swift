import Foundation
import ModelGraph
import Networks
import WeightFiles
public import WorkbenchCore

/// Trains the models of a spec and writes a file for each.
///
/// A model is trained by one thread, several models at a time, so the bytes of a file depend on
/// its recipe only, not on the number of jobs.
public struct ZooBuilder: Sendable {
  /// What happens to models that are there already.
  public enum Existing: Sendable {
    /// They are an error, found before any work.
    case refuse
    /// They stay as they are.
    case keep
    /// They are trained anew and replaced.
    case replace
  }

  private let spec: ZooSpec
  private let folder: String
  private let existing: Existing

  /// Prepares to build a zoo in a folder, which is made where it is missing.
  public init(spec: ZooSpec, folder: String, existing: Existing) {
    self.spec = spec
    self.folder = folder
    self.existing = existing
  }

  /// Trains what is to be trained.
  ///
  /// - Parameters:
  ///   - jobs: how many models are trained at once; nil means one a processor.
  ///   - progress: told after every epoch of every model.
  /// - Returns: the models in the order of the spec.
  public func build(jobs: Int? = nil, progress: ProgressHandler? = nil) async throws -> [BuiltModel]
  {
    let paths = spec.recipes.map { folder + "/" + $0.name + ".h5" }
    let isThere = paths.map { FileManager.default.fileExists(atPath: $0) }
    if existing == .refuse, let index = isThere.firstIndex(of: true) {
      throw Diagnostic(
        .cannotWrite, "this model is there already", at: [paths[index]],
        remedy: "keep it with --resume, or replace it with --force")
    }
    let data = try await loadData()
    try makeFolder()
    let work = paths.indices.filter { !(isThere[$0] && existing == .keep) }
    let shown = ZooProgress(
      label: "training \(work.count) models",
      epochs: work.map { spec.recipes[$0].training.options.epochs }, handler: progress)
    let trained = try Parallel.map(count: work.count, jobs: jobs) { index in
      let recipe = spec.recipes[work[index]]
      guard let (train, test) = data[recipe.data.source] else {
        preconditionFailure("every data set is loaded first")
      }
      let model = try TrainedModel(
        recipe, train: train, test: test, progress: shown.handler(for: index))
      try model.document().write(
        to: paths[work[index]], compression: spec.storage.compression,
        overwrites: existing == .replace, jobs: 1)
      return (work[index], model.summary)
    }
    let summaries = Dictionary(uniqueKeysWithValues: trained)
    return paths.indices.map { index in
      BuiltModel(name: spec.recipes[index].name, path: paths[index], training: summaries[index])
    }
  }

  /// Every data set that the recipes name, both splits.
  private func loadData() async throws -> [String: (train: Dataset, test: Dataset)] {
    var data: [String: (train: Dataset, test: Dataset)] = [:]
    for name in Set(spec.recipes.map(\.data.source)).sorted() {
      let train = try await DataSource.load(name, split: .train)
      data[name] = (train, try await DataSource.load(name, split: .test))
    }
    return data
  }

  private func makeFolder() throws {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Diagnostic(
        .cannotWrite, "the folder cannot be made", at: [folder], remedy: "choose another with -o")
    }
  }
}
