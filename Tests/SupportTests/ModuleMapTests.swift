import Foundation
import Testing

/// The map of the modules, as CONTRIBUTING.md draws it: arrows go one way, and what the sources import is
/// what Package.swift lists.
@Suite("The map of the modules")
struct ModuleMapTests {
  /// The modules from the lowest to the highest; each imports only such as stand before it.
  private static let order = [
    "Support", "Specs", "Tensors", "Catalogs", "CatalogWire", "Archives", "Formats", "WeightFiles",
    "LinearAlgebra", "ModelGraph", "Networks", "Matching", "Connectivity", "Curvature", "Phases",
    "Datasets", "Merging", "Signatures", "Spectra", "Probes", "ZooSpecs", "ZooIndex", "ZooBuilding",
    "Reports", "Serving", "Workbench", "wsl-catalog", "wsl",
  ]
  /// Numbers in, numbers out: none of these reaches a module that opens files.
  private static let fileless = [
    "LinearAlgebra", "ModelGraph", "Networks", "Matching", "Connectivity", "Curvature", "Phases",
  ]
  private static let files: Set<String> = [
    "Archives", "Formats", "WeightFiles", "CHDF5", "Datasets",
  ]

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The names that Package.swift lists for each target of ours.
  private static func dependencies() throws -> [String: Set<String>] {
    let text = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    var result: [String: Set<String>] = [:]
    for target in text.matches(of: /\.(?:executableTarget|target)\(\s*name: "([^"]+)"/) {
      // Up to the next target, or the end of the list.
      let rest = text[target.range.upperBound...]
      let end = rest.firstMatch(
        of: /\n    \.(?:executableTarget|target|testTarget|systemLibrary)\(/)
      let body = rest[..<(end?.range.lowerBound ?? rest.endIndex)]
      guard let list = body.firstMatch(of: /dependencies: \[([^\]]*)\]/) else { continue }
      result[String(target.1)] = Set(list.1.matches(of: /"([^"]+)"/).map { String($0.1) })
    }
    return result
  }

  /// The modules that a target's sources import; nil where it has no Swift.
  private static func imports(of module: String) throws -> Set<String>? {
    let folder = root.appending(path: "Sources").appending(path: module)
    var result: Set<String>?
    let enumerator = try #require(
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    for case let file as URL in enumerator where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      result = result ?? []
      for line in text.matches(
        of: /(?m)^(?:@testable |public |package )*import (?:struct |enum |class |func )?(\w+)/)
      {
        result?.insert(String(line.1))
      }
    }
    return result
  }

  @Test("a module imports what Package.swift lists, and only what is below it", arguments: order)
  func arrows(module: String) throws {
    let ours = Set(Self.order)
    let listed = try Self.dependencies()[module] ?? []
    let imported = try #require(try Self.imports(of: module))
    #expect(imported.intersection(ours).subtracting([module]) == listed.intersection(ours))
    let place = try #require(Self.order.firstIndex(of: module))
    #expect(listed.intersection(ours).subtracting(Self.order[..<place]) == [])
  }

  @Test("what computes with numbers opens no file", arguments: fileless)
  func filelessModules(module: String) throws {
    let all = try Self.dependencies()
    var reached: Set<String> = []
    var open = [module]
    while let next = open.popLast() {
      if reached.insert(next).inserted { open += all[next] ?? [] }
    }
    #expect(reached.intersection(Self.files) == [])
  }

  @Test("every folder of sources is a target with a place in the map")
  func noModuleIsForgotten() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: "Sources").path)
    // System libraries and shims have a module map and no Swift.
    let ours = try folders.filter { try Self.imports(of: $0) != nil }
    #expect(Set(ours) == Set(Self.order))
  }
}
