import Archives
import Catalogs
import Datasets
import Foundation
import ModelGraph
import Networks
public import Support
import Synchronization
import WeightFiles
public import ZooSpecs

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

  /// Trains what is to be trained, parents before their children.
  ///
  /// - Parameters:
  ///   - jobs: how many models are trained at once; nil means one a processor.
  ///   - progress: told after every epoch of every model.
  /// - Returns: the models in the order of the spec.
  public func build(jobs: Int? = nil, progress: ProgressHandler? = nil) async throws -> [BuiltModel]
  {
    let recipes = spec.recipes
    let isThere = recipes.map { FileManager.default.fileExists(atPath: path(of: $0.name)) }
    if existing == .refuse { try refuseExisting() }
    for index in recipes.indices where isThere[index] && existing == .keep {
      try await KeptModel.check(recipes[index], at: path(of: recipes[index].name))
    }
    let data = try await loadData()
    let memory = try check(against: data)
    try makeFolder()
    // Two that train the same models would each throw the other's away.
    let lock = try FolderLock(folder)
    defer { withExtendedLifetime(lock) {} }
    if existing == .refuse { try refuseExisting() }
    // Of a model that was finished, ended just before its state was taken away.
    for index in recipes.indices where isThere[index] && existing == .keep {
      try? FileManager.default.removeItem(
        atPath: TrainingState.path(of: recipes[index].name, in: folder))
    }
    let work = recipes.indices.filter { !(isThere[$0] && existing == .keep) }
      .sorted { (recipes[$0].generation, $0) < (recipes[$1].generation, $1) }
    let shown = ZooProgress(
      label: "training \(work.count) models",
      epochs: work.map { recipes[$0].training.options.epochs }, handler: progress)
    let workshop = ZooWorkshop(
      folder: folder, storage: spec.storage, overwrites: existing == .replace, data: data,
      ancestors: AncestorStore(
        children: work.map { recipes[$0] }, kept: try await keptParents(of: work)),
      states: existing == .keep ? try await states(of: work) : [:])
    let places = Dictionary(
      uniqueKeysWithValues: work.enumerated().map { (recipes[$0.element].name, $0.offset) })
    let trained = Mutex<[Int: BuiltModel.Training]>([:])
    try Parallel.forEach(
      after: work.map { recipes[$0].parent.flatMap { places[$0] } },
      // As many at once as memory holds.
      jobs: min(jobs ?? Parallel.processorCount, max(1, MachineMemory.byteCount / max(1, memory)))
    ) { index in
      let summary = try workshop.train(recipes[work[index]], progress: shown.handler(for: index))
      trained.withLock { $0[work[index]] = summary }
    }
    let summaries = trained.withLock { $0 }
    return recipes.indices.map { index in
      let name = recipes[index].name
      return BuiltModel(name: name, path: path(of: name), training: summaries[index])
    }
  }

  private func path(of name: String) -> String { "\(folder)/\(name).h5" }

  private func refuseExisting() throws {
    let paths = spec.recipes.flatMap(\.fileNames).map(path)
    guard let path = paths.first(where: FileManager.default.fileExists) else { return }
    throw Diagnostic(
      .cannotWrite, "this model is there already", at: [path],
      remedy: "keep it with \(setting: .resume), or replace it with \(setting: .force)")
  }

  /// The parents that are there already, of models that are to be trained.
  private func keptParents(of work: [Int]) async throws -> [Ancestor] {
    let trained = Set(work.map { spec.recipes[$0].name })
    let parents = Set(work.compactMap { spec.recipes[$0].parent }).subtracting(trained)
    var kept: [Ancestor] = []
    for name in parents.sorted() {
      let file = try await WeightFile.open(path(of: name))
      kept.append(
        Ancestor(
          name: name, weights: try file.read(file.catalog.tensors.map(\.name)),
          hash: try FileHash.sha256(ofFile: path(of: name))))
    }
    return kept
  }

  /// The states that interrupted training left.
  private func states(of work: [Int]) async throws -> [String: TrainingState.Stored] {
    var states: [String: TrainingState.Stored] = [:]
    for name in work.map({ spec.recipes[$0].name }) {
      states[name] = await TrainingState.read(TrainingState.path(of: name, in: folder))
    }
    return states
  }

  /// Checks that every model can be made for its data, before any is trained.
  ///
  /// - Returns: how much memory the largest one takes.
  private func check(against data: ZooData) throws -> Int {
    struct Case: Hashable {
      var source: String
      var classes: [Int]?
      var hasCorruption: Bool
      var architecture: ArchitectureRecipe
      var batchSize: Int
      var optimizer: Optimizer
    }
    var largest = 0
    var seen: Set<Case> = []
    for recipe in spec.recipes {
      let item = Case(
        source: recipe.data.loadedName, classes: recipe.data.classes,
        hasCorruption: recipe.data.corruption != nil, architecture: recipe.architecture,
        batchSize: recipe.training.options.batchSize,
        optimizer: recipe.training.options.optimizer)
      guard seen.insert(item).inserted else { continue }
      largest = max(largest, try data.check(recipe).total)
    }
    return largest
  }

  /// Every data set that the recipes name, both splits.
  private func loadData() async throws -> ZooData {
    var data = ZooData()
    for recipe in spec.recipes.map(\.data) where data.sets[recipe.loadedName] == nil {
      func load(_ split: DataSource.Split) async throws -> Dataset {
        try await DataSource.load(recipe.source, split: split, window: recipe.window)
      }
      data.sets[recipe.loadedName] = (try await load(.train), try await load(.test))
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
