import Connectivity
import LinearAlgebra
import Matching
import Merging
import ModelGraph
import Probes
import Signatures
import Spectra
import Tensors
import WeightFiles
import Workbench

/// The lines that the article of each product shows, as they stand there: between a comment with the
/// product's name and an empty line.
enum Articles {
  static func tensors() -> Tensor {
    // Tensors
    let kernel = Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
    let turned = kernel.transposed([1, 0])
    precondition(turned.shape == [3, 2])
    precondition(turned.values == [1, 4, 2, 5, 3, 6])
    precondition(turned.firstNonFinite == nil)

    return turned
  }

  static func linearAlgebra() throws -> [Int] {
    // LinearAlgebra
    let costs = Matrix<Float>(rows: 3, columns: 3, values: [4, 1, 3, 2, 0, 5, 3, 2, 2])
    let singularValues = try SingularValues.of(costs)
    var assignment = LinearAssignment(size: 3)
    let best = try assignment.minimize(costs)
    print(best.columns, best.total, singularValues)  // [1, 0, 2] 5.0 and three falling numbers

    return best.columns
  }

  static func weightFiles(path: String, copy: String) async throws -> [String] {
    // WeightFiles
    let file = try await WeightFile.open(path)
    for tensor in file.catalog.tensors { print(tensor.name, tensor.shape, tensor.elementType) }
    let names = file.catalog.tensors.map(\.name)
    let weights = try file.read(names)
    try await file.writeCopy(to: copy, replacing: [:], overwrites: false)

    return weights.keys.sorted()
  }

  static func modelGraph(path: String) async throws -> [Int] {
    // ModelGraph
    let graph = try ModelGraph(await WeightFile.open(path).catalog)
    for layer in graph.layers { print(layer.name) }
    print(graph.certainty)
    let groups = try graph.permutationGroups()
    for group in groups { print(group.name, group.size) }  // units that can be reordered

    return groups.map(\.size)
  }

  static func matching(paths: [String]) async throws -> Double {
    // Matching
    let (a, b) = (try await WeightFile.open(paths[0]), try await WeightFile.open(paths[1]))
    let pair = try ModelPair(try ModelGraph(a.catalog), try ModelGraph(b.catalog))
    let weightsA = try a.read(pair.a.parameters.map(\.tensor))
    let weightsB = pair.alignedToA(try b.read(pair.b.parameters.map(\.tensor)))
    let found = try Matcher().match(weightsA, weightsB, graph: pair.body, groups: pair.groupsA)

    return found.objectiveAfter - found.objectiveBefore
  }

  static func connectivity(a: Weights, b: Weights) async throws -> Barriers {
    // Connectivity
    let curves = try await LinearPath(from: a, to: b).measure("linear", pointCount: 11) { weights in
      // Your measure of a network: here its squared length.
      let loss = weights.values.reduce(0.0) { $0 + $1.values.reduce(0.0) { $0 + Double($1 * $1) } }
      return [(loss: loss, accuracy: 0)]
    }
    print(curves[0].lossBarriers.overLine ?? .nan)

    return curves[0].lossBarriers
  }

  static func spectra(path: String) async throws -> [Double] {
    // Spectra
    let file = try await WeightFile.open(path)
    let spectrum = try SpectrumAnalysis.run(file)
    for layer in spectrum.layers {
      print(layer.layer.name, layer.stableRank, layer.powerLaw?.alpha ?? .nan)
    }

    return spectrum.layers.map(\.stableRank)
  }

  static func merging(paths: [String]) async throws -> [Tensor] {
    // Merging
    let models = [try await WeightFile.open(paths[0]), try await WeightFile.open(paths[1])]
    let merger = try Merger(
      models.map { MergeInput($0) }, base: nil, recipe: MergeRecipe(.mean, weights: [0.5, 0.5]))
    let merged = try merger.tensors.map { try merger.merged($0) }

    return merged
  }

  static func signatures(
    pretrained: String, standard: String, robust: String, patched: String
  ) async throws -> [String] {
    // Signatures
    let files = (try await WeightFile.open(pretrained), try await WeightFile.open(standard))
    let signature = try SignatureExtraction.extract(
      pretrained: files.0, standard: files.1, robust: try await WeightFile.open(robust),
      options: .init(name: "fog", layers: .all))
    let plan = try PatchPlan(
      files.1, edits: [.add(signature, alpha: 0.5)], architecture: try Architecture(files.1))
    _ = try await plan.write(to: patched, tool: "my program", overwrites: false)

    return signature.manifest.tensors.map(\.name)
  }

  static func probes() -> [Int] {
    // Probes
    let places = [0, 1, 2, 50, 51, 52.0]
    let distances = Matrix<Double>(rows: 6, columns: 6) { abs(places[$0] - places[$1]) }
    let linkage = AverageLinkage(distances)
    let groups = linkage.groups(below: linkage.widestGap())
    print(groups)  // [0, 0, 0, 1, 1, 1]: models that descend from one

    return groups
  }

  static func workbench(paths: [String]) async throws -> [String] {
    // Workbench
    let pair = try await LoadedPair.load(paths[0], paths[1], statement: .none, jobs: nil)
    print(pair.certainty, pair.leftAlone)
    let groups = pair.pair.groupsA
    let found = try Matcher().match(
      pair.weightsA, pair.weightsB, graph: pair.graph, groups: groups)

    _ = found.permutations
    return groups.map(\.name)
  }
}
