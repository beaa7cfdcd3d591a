import Catalogs
import Foundation
import Support
import Tensors
import Testing
import WeightFiles

@testable import Signatures

/// Whether three networks of one family were given in their roles.
///
/// Tried of the kind: every exchange of the three, the robust network that is the standard one or nearly so,
/// the one that is the pretrained one, a standard network that is the pretrained one, roles that files
/// declare. Of the 64 triples of the zoo of the study (8 corruptions, 2 label sets, 2 · 2 seeds) no one is
/// doubted in its roles; of the six exchanges, those of a built zoo are all told by what its files say, and
/// by weights alone six of ten with standard and robust exchanged, and half with the robust network as the
/// pretrained one.
@Suite("Roles of the three networks")
struct RoleDoubtTests {
  private static func findings(
    _ models: TestModels, _ three: [[String: [Double]]], projects: Bool = true
  ) async throws -> SignatureExtraction.Findings {
    var files: [WeightFile] = []
    for (name, values) in zip(["p", "s", "r"], three) {
      files.append(try await WeightFile.open(models.write(values, as: "\(name).safetensors")))
    }
    var options = SignatureExtraction.Options(name: "t", layers: .all)
    options.projects = projects
    return try SignatureExtraction.findings(
      pretrained: files[0], standard: files[1], robust: files[2], options: options)
  }

  /// Weights moved along a part of other weights' change, and by chance.
  private static func moved(
    _ from: [String: [Double]], along to: [String: [Double]], share: Double, by scale: Double,
    seed: UInt64
  ) -> [String: [Double]] {
    let parallel = from.merging(to) { one, two in
      zip(one, two).map { $0 + share * ($1 - $0) }
    }
    return TestModels.moved(parallel, by: scale, seed: seed)
  }

  @Test("in their roles they are not doubted; exchanged, they are where the weights show it")
  func exchanged() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let (p, s) = (models.pretrained, models.standard)
    // Half of the standard one's way, and twice as far by itself: a cosine of 0.24.
    let r = Self.moved(p, along: s, share: 0.5, by: 0.06, seed: 9)
    let right = try await Self.findings(models, [p, s, r])
    #expect(right.doubts.isEmpty, "\(right.doubts)")
    let cosine = try #require(right.directions.cosine)
    #expect(abs(cosine - 0.24) < 0.1)
    #expect(abs(right.directions.standard / right.directions.robust - 0.49) < 0.05)
    let swapped = try await Self.findings(models, [p, r, s])
    #expect(swapped.doubts.count == 1)
    guard case .standardWentFarther(let ratio)? = swapped.doubts.first else {
      Issue.record("\(swapped.doubts)")
      return
    }
    #expect(abs(ratio - 2) < 0.3)
    let rooted = try await Self.findings(models, [r, s, p])
    #expect(
      rooted.doubts.contains { if case .sameWay(let cosine) = $0 { cosine > 0.8 } else { false } })
  }

  @Test("after the projection nothing is left of a robust network that is the standard one")
  func nothingLeft() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let (p, s) = (models.pretrained, models.standard)
    let same = try await Self.findings(models, [p, s, s])
    #expect(
      ResidueOfProjection(same.signature.manifest, same.directions) == .robustIsStandard)
    #expect(ResidueOfProjection(same.signature.manifest) == .robustIsStandard)
    // Farther on the same way, up to the rounding of Float32.
    let farther = Self.moved(p, along: s, share: 1.5, by: 0, seed: 1)
    let line = try await Self.findings(models, [p, s, farther])
    #expect(
      ResidueOfProjection(line.signature.manifest, line.directions) == .robustIsStandard)
    let start = try await Self.findings(models, [p, s, p])
    #expect(
      ResidueOfProjection(start.signature.manifest, start.directions) == .robustIsPretrained)
    // Without a way of the standard one there is nothing to project out.
    let frozen = try await Self.findings(models, [p, p, s])
    #expect(ResidueOfProjection(frozen.signature.manifest, frozen.directions) == .something)
    // Without the projection all of it is left, and the cosine says the rest.
    let whole = try await Self.findings(models, [p, s, s], projects: false)
    #expect(ResidueOfProjection(whole.signature.manifest, whole.directions) == .something)
    #expect(whole.doubts.map(\.sentence).contains { $0.contains("nearly the same way") })
    // A thousandth of a way of one's own is something.
    let little = Self.moved(p, along: s, share: 1, by: 3e-5, seed: 2)
    let small = try await Self.findings(models, [p, s, little])
    #expect(ResidueOfProjection(small.signature.manifest, small.directions) == .something)
  }

  @Test("what files say of themselves")
  func declared() async throws {
    let models = try TestModels()
    defer { models.remove() }
    /// Files whose attributes are those of a built zoo.
    func file(_ name: String, _ attributes: [String: Catalog.Attribute]) async throws -> WeightFile
    {
      var contents = ModelContents()
      contents.add("fc.weight", shape: [1], as: .float32) { [0, 0, 0, 0] }
      contents.attributes[""] = attributes
      try contents.write(to: models.path(name))
      return try await WeightFile.open(models.path(name))
    }
    let digests = ["aa", "bb", "cc"]
    let child: [String: Catalog.Attribute] = ["parent_sha256": .string("aa")]
    let files = [
      try await file("p.h5", [:]), try await file("s.h5", child),
      try await file("r.h5", child.merging(["corruption": .string("fog")]) { $1 }),
    ]
    func doubts(_ order: [Int]) -> [RoleDoubt] {
      RoleDoubt.found(
        in: order.map { files[$0] }, digests: order.map { digests[$0] },
        directions: FineTuneDirections())
    }
    #expect(doubts([0, 1, 2]).isEmpty)
    #expect(doubts([0, 2, 1]) == [.saysCorruption(.standard, "fog")])
    #expect(
      doubts([1, 0, 2]) == [.saysParent(.pretrained, .standard), .saysParent(.robust, .standard)])
    #expect(
      doubts([2, 1, 0]) == [
        .saysCorruption(.pretrained, "fog"), .saysParent(.pretrained, .robust),
        .saysParent(.standard, .robust),
      ])
    for order in [[1, 2, 0], [2, 0, 1]] { #expect(doubts(order).count >= 2) }
    #expect(doubts([0, 1, 1]).isEmpty)
  }
}
