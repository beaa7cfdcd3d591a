import Catalogs
import Foundation
import Support
import Tensors
import Testing

@testable import WeightFiles

/// Files that the real PyTorch wrote, against what it says is in them.
@Suite struct PyTorchTests {
  static let folder = Fixtures.path("pytorch/")

  static func expected() throws -> [String: [String: Fixtures.Expected]] {
    let data = try Data(contentsOf: URL(filePath: folder + "expected.json"))
    return try JSONDecoder().decode([String: [String: Fixtures.Expected]].self, from: data)
  }

  @Test(
    arguments: ["views", "kinds", "checkpoint", "nested", "parallel", "parameters", "skips"]
      .flatMap { [$0 + ".pt", $0 + ".legacy.pth"] } + [
        "script.pt", "views.pt.gz", "views.tar.pth", "nested.tar.pth",
      ])
  func isReadBitForBit(name: String) async throws {
    let expected = try #require(try Self.expected()[name])
    let file = try await WeightFile.open(Self.folder + name)
    #expect(file.catalog.format == .pytorch)
    #expect(Set(file.catalog.tensors.map(\.name)) == Set(expected.keys))
    for entry in file.catalog.tensors {
      let truth = try #require(expected[entry.name])
      #expect(entry.shape == truth.shape && entry.elementType.rawValue == truth.type)
      #expect(try file.readBytes(entry) == truth.bytes, "\(entry.name)")
    }
  }

  @Test func whatIsNoWeightIsListed() async throws {
    for suffix in [".pt", ".legacy.pth"] {
      let checkpoint = try await WeightFile.open(Self.folder + "checkpoint" + suffix).catalog
      #expect(checkpoint.skipped.map(\.name) == ["optimizer"])
      #expect(checkpoint.text("state_dict") == "state_dict")
      let skips = try await WeightFile.open(Self.folder + "skips" + suffix).catalog
      #expect(Set(skips.skipped.map(\.name)) == ["complex", "sparse", "quantised"])
    }
  }
}
