import Catalogs
import Foundation
import Support
import Testing
import WeightFiles

@testable import ZooIndex

/// Names that no other model of an index has, and the order in which models are listed.
///
/// Tried by hand as well: `zoo show` of a name that several claimed (shows its owner; where there is none,
/// the error lists the names), an index of an archive, 29 models of ten folders (29 names).
@Suite("Names of models") struct ModelNamesTests {
  typealias Claim = ModelNames.Claim

  static let cases: [(claims: [(String, String)], names: [String?])] = [
    // A copy and checkpoints carry the name of the network that they come from.
    (
      [("root", "/z/root"), ("root", "/z/root-epoch2"), ("root", "/z/copies/root-epoch3")],
      ["root", "root-epoch2", "root-epoch3"]
    ),
    // Folders of one name, at different depths.
    (
      [("c", "/z/a/run/c"), ("c", "/z/b/run/c"), ("c", "/z/x/c")],
      ["a/run/c", "b/run/c", "x/c"]
    ),
    // A name that another model is called by attributes is not taken.
    ([("a", "/z/p/b"), ("a", "/z/q/d"), ("b", "/z/r/e")], ["p/b", "d", nil]),
    // Two parts: the owner's path ends in both.
    ([("o/m", "/z/o/m"), ("o/m", "/z/o/m-copy")], ["o/m", "m-copy"]),
    // The same end of the path in two groups.
    (
      [("a", "/z/1/x"), ("a", "/z/2/y"), ("b", "/z/3/x"), ("b", "/z/4/w")],
      ["x", "y", "3/x", "w"]
    ),
    // A file and a folder of one path without its ending.
    ([("m", "/z/m"), ("m", "/z/m")], [nil, nil]),
  ]

  @Test(
    "the owner of a name keeps it, others go by the shortest end of their paths", arguments: cases)
  func unique(_ claims: [(String, String)], _ expected: [String?]) {
    let all = claims.map { Claim(name: $0.0, place: $0.1) }
    let counts = Dictionary(all.map { ($0.name, 1) }, uniquingKeysWith: +)
    let shared = all.filter { (counts[$0.name] ?? 0) > 1 }
    let names = ModelNames.unique(shared) { counts[$0] != nil }
    #expect(names == zip(all, expected).filter { (counts[$0.0.name] ?? 0) > 1 }.map(\.1))
  }

  @Test("all names of an index differ, and give way when another model claims them")
  func index() async throws {
    let folder = try IndexFolder()
    try folder.write("net.h5", seed: 1, attributes: ["name": .string("net")])
    try folder.write("matched.h5", seed: 2, attributes: ["name": .string("net")])
    try folder.write("a/model.h5", seed: 3)
    try await folder.update()
    #expect(try folder.ask("name") == ["model", "matched", "net"])
    try folder.write("b/model.h5", seed: 4)
    try folder.write("b/same.h5", seed: 5)
    try folder.write(["w": [2]], 1, to: "zoo/b/same.safetensors")
    // A folder and a file of one name.
    try folder.write(["w": [2]], 1, to: "zoo/c/model.safetensors")
    try folder.write(["w": [2]], 2, to: "zoo/c.safetensors")
    #expect(try await folder.update().read == 5)
    let names = try folder.ask("name")
    #expect(
      names == [
        "a/model", "b/model", "same.h5", "same.safetensors", "c.safetensors", "c", "matched", "net",
      ])
    // A row of labels is of the model of that name; a name that was claimed is all of theirs.
    try folder.write("name,x\nnet,1\nmodel,2\nb/model,3\n", to: "labels.csv")
    var options = Indexer.Options()
    options.labelFiles = [folder.root + "/labels.csv"]
    #expect(try await folder.update(options).warnings.isEmpty)
    #expect(
      try folder.ask("name x", where: "x is not null") == [
        "a/model|2", "b/model|3", "c|2", "net|1",
      ])
    try FileManager.default.removeItem(atPath: folder.zoo + "/b")
    try await folder.update()
    #expect(try folder.ask("name") == ["model", "c.safetensors", "c", "matched", "net"])
  }

  @Test("a parent of which there are checkpoints is the one whose file is called so")
  func parent() async throws {
    let folder = try IndexFolder()
    for name in ["root-epoch1", "root", "sub/root"] {
      try folder.write(name + ".h5", seed: 1, attributes: ["name": .string("root")])
    }
    try folder.write("child.h5", seed: 2, attributes: ["parent": .string("root")])
    try await folder.update()
    #expect(
      try folder.ask("name parent_file", where: "parent = 'root'")
        == ["child|\(folder.zoo)/root.h5"])
  }

  @Test("checkpoints come in the order of their steps")
  func order() async throws {
    let folder = try IndexFolder()
    let places = [
      "run/checkpoint-500", "run/checkpoint-1000", "run/checkpoint-10000", "seed9-e1", "seed10-e02",
      "x-lr0.05", "x-lr0.1",
    ]
    for (index, place) in places.shuffled().enumerated() {
      try folder.write(["w": [2]], Float(index), to: "zoo/\(place)/model.safetensors")
    }
    try await folder.update()
    #expect(try folder.ask("name") == places.map { ($0 as NSString).lastPathComponent })
  }

  @Test(
    "numbers in a path sort by their values",
    arguments: [
      ("a9", "a10"), ("a09", "a10"), ("a999999999", "a1000000000"), ("a", "a1"), ("a2/b", "a10/a"),
      ("v1.05", "v1.1"), ("e3-s20", "e20-s3"), ("x00000000000000000000009", "x10"),
    ])
  func keys(_ first: String, _ second: String) {
    #expect(PathOrder.key(first).utf8.lexicographicallyPrecedes(PathOrder.key(second).utf8))
  }
}
