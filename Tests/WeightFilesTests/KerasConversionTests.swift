import Catalogs
import Support
import Testing

@testable import WeightFiles

/// `.keras` archives with their weights written anew.
@Suite struct KerasConversionTests {
  @Test(
    arguments: ["small.keras", "deflated.keras"],
    [CompressionOption.none, .gzip(level: 4), .zstd(level: 1)])
  func archiveKeepsItsModel(_ name: String, _ compression: CompressionOption) async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Fixtures.path(name))
      try ModelContents(file).write(
        to: folder + "new.keras", WritingOptions(compression: compression), inputs: [file])
      let new = try await WeightFile.open(folder + "new.keras")
      #expect(new.catalog.format == .keras)
      #expect(new.catalog.documents == file.catalog.documents)
      #expect(new.catalog.attributes == file.catalog.attributes)
      #expect(new.catalog.tensors.map(\.name) == file.catalog.tensors.map(\.name))
      for (one, two) in zip(file.catalog.tensors, new.catalog.tensors) {
        #expect(one.shape == two.shape && one.elementType == two.elementType)
        #expect(try file.readBytes(one) == new.readBytes(two))
      }
    }
  }

  @Test func anotherModelHasNoConfiguration() async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Fixtures.path("small.h5"))
      let error = #expect(throws: Diagnostic.self) {
        try ModelContents(file).write(to: folder + "new.keras", inputs: [file])
      }
      #expect(error?.code == .usage && error?.remedy?.description.contains(".h5") == true)
    }
  }
}
