import Catalogs
import Foundation
import ModelGraph
import Tensors
import Testing
import WeightFiles

/// The folder of real models beside the package, where there is one.
private let models = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "shared/models").path

private let haveModels = FileManager.default.fileExists(atPath: models)

@Suite("Real models", .enabled(if: haveModels, "../shared/models is not there: skipped"))
struct SharedModelsTests {
  @Test(arguments: [
    ("fashion-mlp512-1.h5", [512, 512, 512]), ("mnist-mlp-1.h5", [256, 256]),
    ("mnist-mlp-2.h5", [256, 256]), ("mnist-cnn-1.h5", [16, 32, 64]),
    ("mnist-cnn-2.keras", [16, 32, 64]),
  ])
  func groups(_ file: String, _ sizes: [Int]) async throws {
    let catalog = try await WeightFile.open("\(models)/\(file)").catalog
    let graph = try ModelGraph(catalog)
    #expect(try graph.permutationGroups().map(\.size) == sizes)
    #expect(graph.whyNotRunnable == nil)
    #expect(graph.skipped.allSatisfy { $0.reason == "optimiser state, not permuted" })
  }

  /// The sum of squared differences over the tensors with a permuted axis, before matching, that
  /// the models' page gives to three decimals: right only if every tensor has its right partner.
  @Test(arguments: [
    ("fashion-mlp512-1.h5", "fashion-mlp512-2.h5", 2083.501),
    ("fashion-mlp512-1.h5", "fashion-mlp512-3.h5", 2084.870),
    ("mnist-mlp-1.h5", "mnist-mlp-2.h5", 2190.638),
    ("mnist-cnn-1.h5", "mnist-cnn-2.h5", 336.863),
    ("mnist-cnn-1.h5", "mnist-cnn-2.keras", 336.863),
  ])
  func distanceOfPairs(_ fileA: String, _ fileB: String, _ expected: Double) async throws {
    let a = try await WeightFile.open("\(models)/\(fileA)")
    let b = try await WeightFile.open("\(models)/\(fileB)")
    let pair = try ModelPair(ModelGraph(a.catalog), ModelGraph(b.catalog))
    let members = pair.groupsA.flatMap(\.members).filter { !$0.isStatistic }
    let names = Set(members.map(\.tensor)).sorted()
    let weightsA = try a.read(names)
    let partners = names.compactMap { pair.tensorsBFromA[$0] }
    let weightsB = pair.alignedToA(try b.read(partners))
    var sum = 0.0
    for name in names {
      let x = try #require(weightsA[name])
      let y = try #require(weightsB[name])
      #expect(x.shape == y.shape)
      for (p, q) in zip(x.values, y.values) { sum += Double(p - q) * Double(p - q) }
    }
    #expect(abs(sum - expected) < 0.001, "\(sum)")
  }
}
