import Catalogs
import Foundation
import Support
import Testing

@testable import WeightFiles

/// Weights that the real Keras split into several files, of which one splits a layer, too.
@Suite struct KerasShardsTests {
  static let folder = Fixtures.path("keras_shards/")

  @Test(arguments: ["plain/model.weights.json", "plain", "wide/model.weights.json", "wide"])
  func areOneModel(path: String) async throws {
    let data = try #require(FileManager.default.contents(atPath: Self.folder + "expected.json"))
    let all = try JSONDecoder().decode([String: [String: Fixtures.Expected]].self, from: data)
    let truth = try #require(all[String(path.prefix { $0 != "/" })])
    let file = try await WeightFile.open(Self.folder + path)
    #expect(file.catalog.format == .hdf5 && !file.catalog.isAddressable)
    #expect(truth.count == 6)
    try CheckpointTests.compare(file, truth)
  }

  @Test func aCopyWouldBeOneFile() async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Self.folder + "wide")
      let error = await #expect(throws: Diagnostic.self) {
        try await file.writeCopy(
          to: folder + "x.h5",
          replacing: ["layers/dense/vars/1": [UInt8](repeating: 0, count: 128)], overwrites: false)
      }
      #expect(error?.message.contains("spread over") == true)
    }
  }

  @Test(arguments: [
    (#"{"weight_map": {"/a": ["../x.h5"]}}"#, "leads out"),
    (#"{"weight_map": {"/a": [3]}}"#, "not named"),
    (#"{"weight_map": {"/a": ["model_00009.weights.h5"]}}"#, "no such file"),
    (#"{"weight_map": {"/a": ["model.weights.json"]}}"#, "no HDF5 file"),
  ])
  func indexesThatLieAreRefused(text: String, words: String) async throws {
    try await Fixtures.withFolder { folder in
      try Fixtures.write(Array(text.utf8), to: folder + "model.weights.json")
      let error = await #expect(throws: Diagnostic.self) {
        try await WeightFile.open(folder + "model.weights.json")
      }
      #expect(error?.description.contains(words) == true, "\(error as Any)")
    }
  }
}
