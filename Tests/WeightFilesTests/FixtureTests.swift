import Catalogs
import Support
import Tensors
import Testing

@testable import WeightFiles

/// Every layout, filter, type and index that h5py writes, bit for bit as h5py reads it.
@Suite struct FixtureTests {
  @Test(
    arguments: [
      "types.h5", "layouts.h5", "latest.h5", "links.h5", "attributes.h5", "userblock.h5",
      "bomb_shape.h5", "bomb_chunk.h5", "small.h5", "small.weights.h5", "small.keras",
      "deflated.keras", "brain.weights.h5",
    ])
  func everyDatasetIsReadBitForBit(name: String) async throws {
    let expected = try #require(try Fixtures.expected()[name])
    let file = try await WeightFile.open(Fixtures.path(name))
    #expect(!expected.isEmpty)
    for (key, value) in expected {
      let entry = try file.entry(named: key)
      #expect(entry.shape == value.shape, "\(key)")
      #expect(entry.elementType.rawValue == value.type, "\(key)")
      for jobs in [1, 3] {
        let bytes = try file.readBytes(entry, jobs: jobs)
        #expect(bytes == value.bytes, "\(key)")
      }
    }
    // Nothing beyond what h5py sees, but for the data sets that are damaged on purpose.
    if !name.hasPrefix("bomb") {
      // A link is another name of what is recorded already.
      let own = Set(file.catalog.tensors.map(\.name)).subtracting(file.catalog.linkedTensors.keys)
      #expect(own == Set(expected.keys))
    }
  }
}
