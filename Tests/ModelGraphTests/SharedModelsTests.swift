import Foundation
import ModelGraph
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
    ("fashion-mlp512-1.h5", [512, 512, 512]),
    ("mnist-mlp-1.h5", [256, 256]), ("mnist-mlp-2.h5", [256, 256]),
    ("mnist-cnn-1.h5", [16, 32, 64]), ("mnist-cnn-2.keras", [16, 32, 64]),
  ])
  func groups(_ file: String, _ sizes: [Int]) async throws {
    let catalog = try await WeightFile.open("\(models)/\(file)").catalog
    let graph = try ModelGraph(catalog)
    let groups = try graph.permutationGroups()
    #expect(groups.map(\.size) == sizes)
    print(groups)
    print(graph.skipped.map(\.name))
  }
}
