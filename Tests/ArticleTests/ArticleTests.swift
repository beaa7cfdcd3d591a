import Foundation
import TestSupport
import Testing
import WeightFiles

/// The articles of the products: there is one for each, and its lines are those that stand, and run, here.
@Suite("The articles of the products")
struct ArticleTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The lines of `Articles.swift` between a product's name and the next empty line.
  private static func lines(of product: String) throws -> [String] {
    let file = root.appending(path: "Tests/ArticleTests/Articles.swift")
    let all = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    let start = try #require(all.firstIndex(of: "    // \(product)"))
    return all[(start + 1)...].prefix { !$0.isEmpty }.map { String($0.dropFirst(4)) }
  }

  /// The products that Package.swift lists.
  private static func products() throws -> [String] {
    let text = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    let list = try #require(
      text.firstMatch(of: /let libraries = \[([^\]]*)\]/)?.1)
    return list.matches(of: /"(\w+)"/).map { String($0.1) }
  }

  @Test("each library has an article, with the lines that are compiled here")
  func articles() throws {
    let products = try Self.products()
    #expect(products.count == 11)
    for product in products {
      let path = "Sources/\(product)/\(product).docc/\(product).md"
      let text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
      let lines = try Self.lines(of: product)
      #expect(lines.count >= 4, "\(product)")
      #expect(text.hasPrefix("# ``\(product)``\n"), "\(product)")
      #expect(text.contains("```swift\n\(lines.joined(separator: "\n"))\n```"), "\(product)")
    }
  }

  /// A small perceptron, 6 → 8 → 3; seeds above 0 are fine-tunes of that of seed 0, each in a direction of
  /// its own.
  private static func model(_ seed: Int, in scratch: Scratch) throws -> String {
    var maker = SafetensorsMaker()
    func values(_ count: Int, _ salt: Int) -> [Float] {
      (0..<count).map { place in
        let own = Double((place + 1) * (salt + 3)) * 1.7
        return Float(sin(own) + (seed == 0 ? 0 : 0.02 * sin(own * Double(seed + 1))))
      }
    }
    maker.add("fc1.weight", [8, 6], values(48, 0))
    maker.add("fc1.bias", [8], values(8, 1))
    maker.add("fc2.weight", [3, 8], values(24, 2))
    maker.add("fc2.bias", [3], values(3, 3))
    let path = scratch.path("model\(seed).safetensors")
    try maker.file.write(to: URL(filePath: path))
    return path
  }

  @Test("the lines without files do what their comments say")
  func numbers() throws {
    #expect(Articles.tensors().shape == [3, 2])
    #expect(try Articles.linearAlgebra() == [1, 0, 2])
    #expect(Articles.probes() == [0, 0, 0, 1, 1, 1])
  }

  @Test("the lines with files run on files")
  func files() async throws {
    let scratch = try Scratch()
    let paths = try (0..<3).map { try Self.model($0, in: scratch) }
    #expect(
      try await Articles.weightFiles(path: paths[0], copy: scratch.path("copy.safetensors"))
        == ["fc1.bias", "fc1.weight", "fc2.bias", "fc2.weight"])
    #expect(try await Articles.modelGraph(path: paths[0]) == [8])
    // The objective is a squared distance.
    #expect(try await Articles.matching(paths: paths) <= 0)
    #expect(try await Articles.spectra(path: paths[0]).count == 2)
    #expect(try await Articles.workbench(paths: paths).count == 1)
    let a = try await WeightFile.open(paths[0]).read(["fc1.weight"])
    let b = try await WeightFile.open(paths[1]).read(["fc1.weight"])
    // A squared length is convex: no barrier.
    #expect(try await Articles.connectivity(a: a, b: b).overLine ?? 1 <= 0)
    let mean = try await Articles.merging(paths: paths)
    #expect(mean.count == 4)
    let patched = scratch.path("patched.safetensors")
    let names = try await Articles.signatures(
      pretrained: paths[0], standard: paths[1], robust: paths[2], patched: patched)
    #expect(names.contains("fc1.weight"))
    #expect(FileManager.default.fileExists(atPath: patched))
  }
}
