import Datasets
public import Networks
import Signatures
public import Support
import WeightFiles

/// The work of `wsl signature study`: what patching does to the networks of a zoo, over corruptions,
/// label sets, seeds, strengths and numbers of layers.
public struct SignatureStudy: Sendable {
  /// The strengths of the sweep.
  public static let alphas = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2]
  /// The forms in which signatures are compared.
  public static let forms: [StudySignature.Form] = [
    .levels(4), .levels(8), .levels(16), .dense, .unprojected,
  ]
  /// The form that patches have otherwise: what `wsl signature extract` makes.
  public static let usual = StudySignature.Form.levels(8)
  /// The strengths of the two signatures of a pair.
  public static let pairAlphas = [1, 0.7, 0.5]

  /// The networks.
  public let zoo: StudyZoo
  /// How many layers a patch has where their number is not what varies.
  public let layerCount: Int
  /// The tensors of the first 1, 2, … layers, the classifier left out.
  public let tensors: [[String]]
  /// By label set, run and corruption.
  let signatures: [[[StudySignature]]]
  /// By label set and corruption.
  let benches: [[StudyBench]]
  let jobs: Int?

  /// Extracts every signature and corrupts the test images.
  public init(
    zoo: StudyZoo, data: Dataset, layerCount: Int, seed: UInt64, jobs: Int?,
    progress: ProgressHandler?
  ) throws {
    self.zoo = zoo
    self.jobs = jobs
    let first = zoo.lineages[0]
    let architecture = try Architecture(first.pretrained.file)
    let depth = architecture.kernelCount - 1
    guard depth >= 3 else {
      throw Diagnostic(
        .badData, "the networks have \(depth + 1) layers with kernels, and the study needs four",
        at: [first.pretrained.path])
    }
    self.layerCount = min(layerCount, depth)
    tensors = try (1...depth).map { count in
      guard let robust = first.runs[0].robust[zoo.corruptions[0].kind] else { return [] }
      var options = SignatureExtraction.Options(name: "layers", layers: .first(count))
      options.takesNormalization = false
      return try SignatureExtraction.extract(
        pretrained: first.pretrained.file, standard: first.runs[0].standard.file,
        robust: robust.file, options: options
      ).manifest.tensors.map(\.name)
    }
    let kinds = zoo.corruptions.map(\.kind)
    let places = zoo.lineages.indices.flatMap { lineage in
      zoo.lineages[lineage].runs.indices.flatMap { run in
        kinds.indices.map { (lineage, run, $0) }
      }
    }
    let extracted = try Parallel.map(count: places.count, jobs: jobs) { index in
      let (lineage, run, kind) = places[index]
      let models = zoo.lineages[lineage]
      guard let robust = models.runs[run].robust[kinds[kind]] else {
        preconditionFailure("every run has every corruption")
      }
      return try StudySignature(
        pretrained: models.pretrained, standard: models.runs[run].standard, robust: robust,
        forms: SignatureStudy.forms, name: kinds[kind].rawValue)
    }
    var rest = extracted[...]
    signatures = zoo.lineages.map { lineage in
      lineage.runs.map { _ in
        defer { rest = rest.dropFirst(kinds.count) }
        return Array(rest.prefix(kinds.count))
      }
    }
    var benches: [[StudyBench]] = zoo.lineages.map { _ in [] }
    for corruption in zoo.corruptions {
      let corrupted = try corruption.applied(to: data, seed: seed, jobs: jobs)
      for (index, lineage) in zoo.lineages.enumerated() {
        func own(_ data: Dataset) throws -> Dataset {
          try lineage.classes.map(data.keeping) ?? data
        }
        benches[index].append(
          try StudyBench(
            graph: lineage.pretrained.graph, clean: own(data), corrupted: own(corrupted)))
      }
    }
    self.benches = benches
  }

  /// Measures everything.
  public func findings(progress: ProgressHandler?) async throws -> StudyFindings {
    let files = try files()
    return StudyFindings(
      cells: try cells(progress: progress), pairs: try pairs(progress: progress),
      acrossSeeds: try neighbours(acrossLabelSets: false),
      acrossLabelSets: try neighbours(acrossLabelSets: true), sizes: files.sizes,
      removals: try await removals(of: files.signatures, count: 3), layerCount: layerCount)
  }

  /// Measures every cell.
  func cells(progress: ProgressHandler?) throws -> [Cell] {
    let kinds = zoo.corruptions.map(\.kind)
    let runs = zoo.lineages.map(\.runs.count).max() ?? 0
    // Runs outermost, so that neighbours do not wait for one bench.
    let places = (0..<runs).flatMap { run in
      zoo.lineages.indices.filter { zoo.lineages[$0].runs.indices.contains(run) }
        .flatMap { lineage in kinds.indices.map { (lineage, run, $0) } }
    }
    return try Parallel.map(count: places.count, jobs: jobs) { index in
      let (lineage, run, kind) = places[index]
      progress?(
        ProgressUpdate("patching", completed: index, total: places.count, detail: ""))
      return try cell(lineage, run, kind)
    }
  }

  private func cell(_ lineage: Int, _ run: Int, _ kind: Int) throws -> Cell {
    let bench = benches[lineage][kind]
    let models = zoo.lineages[lineage].runs[run]
    let weights = models.standard.weights
    let own = signatures[lineage][run][kind]
    func score(
      _ signature: StudySignature, _ alpha: Double = 1, _ names: [String],
      _ form: StudySignature.Form = SignatureStudy.usual
    ) throws -> StudyScore {
      try bench.score(
        StudySignature.patch(weights, with: [(signature, alpha)], tensors: names, form: form))
    }
    let standard = try bench.score(weights)
    let chosen = tensors[layerCount - 1]
    let others = zoo.lineages.indices.filter { $0 != lineage }
    let count = tensors.count
    return Cell(
      lineage: lineage, run: run, kind: zoo.corruptions[kind].kind, cosine: own.cosine,
      standard: standard,
      robust: try bench.score(models.robust[zoo.corruptions[kind].kind]?.weights ?? weights),
      grid: try tensors.map { names in
        try SignatureStudy.alphas.map { $0 == 0 ? standard : try score(own, $0, names) }
      },
      forms: Dictionary(
        uniqueKeysWithValues: try SignatureStudy.forms.map { ($0, try score(own, 1, chosen, $0)) }),
      lastTwo: try score(own, 1, tensors[count - 1].filter { !tensors[count - 3].contains($0) }),
      foreign: others.isEmpty
        ? []
        : try tensors.map { names in
          StudyScore.mean(
            try others.map { other in
              let its = signatures[other]
              return try score(its[min(run, its.count - 1)][kind], 1, names)
            })
        })
  }

  /// Measures every pair of corruptions.
  func pairs(progress: ProgressHandler?) throws -> [Pair] {
    let kinds = zoo.corruptions.map(\.kind)
    let couples = kinds.indices.flatMap { a in kinds.indices.filter { $0 > a }.map { (a, $0) } }
    let places = zoo.lineages.indices.flatMap { lineage in
      zoo.lineages[lineage].runs.indices.flatMap { run in
        couples.map { (lineage, run, $0.0, $0.1) }
      }
    }
    return try Parallel.map(count: places.count, jobs: jobs) { index in
      let (lineage, run, a, b) = places[index]
      progress?(
        ProgressUpdate("pairing", completed: index, total: places.count, detail: ""))
      let weights = zoo.lineages[lineage].runs[run].standard.weights
      let own = signatures[lineage][run]
      let scores = try SignatureStudy.pairAlphas.map { alpha in
        let patched = StudySignature.patch(
          weights, with: [(own[a], alpha), (own[b], alpha)], tensors: tensors[layerCount - 1],
          form: SignatureStudy.usual)
        let first = try benches[lineage][a].score(patched)
        let second = try benches[lineage][b].robust(patched)
        return StudyScore(clean: first.clean, robust: (first.robust + second) / 2)
      }
      return Pair(lineage: lineage, run: run, kinds: [kinds[a], kinds[b]], scores: scores)
    }
  }
}
