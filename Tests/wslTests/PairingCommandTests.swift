import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// Networks whose names do not say which layer is which; `Fixtures/make_pairs.py` made them with Keras and
/// PyTorch. Every second network is the first one times 1.01, so that a tensor is 1 % away from its partner
/// and about 150 % from any other.
@Suite("Pairing on the command line")
struct PairingCommandTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/pairs").path
  private let scratch: Scratch
  private func model(_ name: String) -> String { "\(Self.folder)/\(name)" }

  init() throws { scratch = try Scratch() }

  /// What a command says in JSON, after it has ended well.
  private func json(_ arguments: [String]) throws -> JSONValue {
    let outcome = try Tool.run(arguments + ["--json"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  /// The relative distances of all rows. Weights are stored as Float32: 1e-6 of 1 % is their rounding.
  private func distances(_ result: JSONValue, _ key: String) -> [Double] {
    (result[key]?.array ?? []).map { row in
      (row["relative"] ?? row["change"]?["weightDistance"])?.number ?? .nan
    }
  }

  private func isGrown(_ distances: [Double], by growth: Double = 0.01) -> Bool {
    !distances.isEmpty && distances.allSatisfy { abs($0 - growth) < 1e-6 }
  }

  @Test(
    "layers that Keras or PyTorch counted differently are compared with those in their place",
    arguments: [
      ("counted-a.h5", "counted-b.h5"), ("counted-a.keras", "counted-b.keras"),
      ("counted-a.keras", "counted-b.h5"), ("gaps-a.pt", "gaps-b.pt"),
    ])
  func counted(_ a: String, _ b: String) throws {
    let diff = try json(["diff", model(a), model(b)])
    #expect(isGrown(distances(diff, "tensors")))
    #expect(diff["added"]?.array?.isEmpty == true && diff["removed"]?.array?.isEmpty == true)
    #expect(diff["reshaped"]?.array?.isEmpty == true)
    #expect(diff["pairing"]?["by"]?.string == "graph")
    let spectra = try json(["spectrum", model(a), model(b), "--compare"])
    #expect(spectra["layers"]?.array?.count == 3 && isGrown(distances(spectra, "layers")))
    #expect(spectra["pairing"]?["by"]?.string == "graph")
    let ending = a.split(separator: ".").last ?? ""
    let out = scratch.path("merged.\(ending)")
    let merged = try json(["merge", model(a), model(b), "-o", out])
    #expect(merged["pairing"]?[0]?["by"]?.string == "graph")
    #expect(isGrown(distances(try json(["diff", model(a), out]), "tensors"), by: 0.005))
  }

  @Test(
    "of networks with heads of another size the bodies are compared and merged",
    arguments: [
      ("counted-a.h5", "counted-head5.h5", 2, 1), ("counted-a.keras", "counted-head5.h5", 2, 1),
      ("gaps-a.pt", "gaps-head5.pt", 4, 2),
    ])
  func heads(_ a: String, _ b: String, _ shared: Int, _ other: Int) throws {
    let diff = try Tool.run(["diff", model(a), model(b), "--json"])
    let result = try diff.json()
    #expect(distances(result, "tensors").count == shared && isGrown(distances(result, "tensors")))
    #expect(result["reshaped"]?.array?.count == other)
    #expect(result["pairing"]?["leftOut"]?.array?.isEmpty == false)
    #expect(diff.errors.contains("different heads"))
    let spectra = try json(["spectrum", model(a), model(b), "--compare"])
    #expect(spectra["layers"]?.array?.count == 2 && isGrown(distances(spectra, "layers")))
    let ending = a.split(separator: ".").last ?? ""
    let out = scratch.path("merged.\(ending)")
    #expect(try Tool.run(["merge", model(a), model(b), "-o", out]).code == 65)
    let merged = try json(["merge", model(a), model(b), "--shared-only", "-o", out])
    #expect(merged["tensors"]?.integer == shared)
    let after = distances(try json(["diff", model(a), out]), "tensors")
    #expect(isGrown(Array(after.prefix(shared)), by: 0.005), "\(after)")
    #expect(after.dropFirst(shared).allSatisfy { $0 == 0 }, "the head of A stays")
    let connect = try Tool.run([
      "connect", model(a), model(b), "--evaluator", "true", "--points", "2",
    ])
    #expect(connect.code == 65 && connect.errors.contains("different heads"))
  }

  @Test("three files: each is paired with the first by itself")
  func threeFiles() throws {
    let out = scratch.path("merged.h5")
    let models = ["counted-a.h5", "counted-b.h5", "counted-head5.h5"].map(model)
    let merged = try json(["merge"] + models + ["--shared-only", "-o", out])
    #expect(merged["pairing"]?.array?.count == 2 && merged["tensors"]?.integer == 2)
    let rows = distances(try json(["diff", model("counted-a.h5"), out]), "tensors")
    // (1 + 1.01 + 1.01) / 3 times A.
    #expect(isGrown(Array(rows.prefix(2)), by: 0.02 / 3) && rows.last == 0)
  }

  @Test("a body is matched up to heads of another size: their inputs move along, and that is said")
  func matchOtherHead() throws {
    let (a, b) = (model("heads-a.pt"), model("heads-b.pt"))
    let (out, saved) = (scratch.path("out.pt"), scratch.path("order.json"))
    let arguments = ["match", a, b, "-o", out, "--save-permutation", saved, "--json"]
    let outcome = try Tool.run(arguments)
    #expect(outcome.code == 0 && outcome.errors.contains("the head was not compared"))
    let result = try outcome.json()
    #expect(result["objective"]?["after"]?.number == 0)
    let warnings = (result["warnings"]?.array ?? []).compactMap(\.string)
    #expect(warnings.contains { $0.contains("the head was not compared") })
    #expect(result["pairing"]?["leftOut"]?.array?.count == 2)
    let table = try Tool.run(["match", a, b]).output
    #expect(table.contains("not compared"))
    // Unit j of B is unit order[j] of A, and stands in its place now.
    let orders = try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: model("heads.json"))))
    for (index, group) in (result["groups"]?.array ?? []).enumerated() {
      let order = (orders[index]?.array ?? []).compactMap(\.integer)
      let found = (group["permutation"]?.array ?? []).compactMap(\.integer)
      #expect(found.map { order[$0] } == Array(order.indices))
    }
    let diff = try json(["diff", a, out])
    #expect(distances(diff, "tensors") == [0, 0, 0, 0], "the body comes back exactly")
    // The head's inputs moved with the body: as a network of one architecture, it is B in another order.
    let same = try json(["match", b, out])
    #expect(same["objective"]?["after"]?.number == 0)
    #expect((same["objective"]?["before"]?.number ?? 0) > 1)
    let back = scratch.path("back.pt")
    #expect(try Tool.run(["permute", out, "--with", saved, "--invert", "-o", back]).code == 0)
    #expect(try json(["diff", b, back])["identical"]?.bool == true)
  }

  @Test("what needs whole networks refuses heads of another size in a line")
  func wholeOnly() throws {
    let (a, b) = (model("heads-a.pt"), model("heads-b.pt"))
    for arguments in [
      ["match", a, b, "--method", "straight-through", "--data", "digits"],
      ["merge", a, b, "--match", "-o", scratch.path("x.pt")],
    ] {
      let outcome = try Tool.run(arguments)
      #expect(outcome.code == 65 && outcome.errors.contains("different heads"), "\(arguments)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
    let merged = try json([
      "merge", a, b, "--match", "--shared-only", "-o", scratch.path("merged.pt"),
    ])
    #expect(merged["tensors"]?.integer == 4)
    let rows = distances(try json(["diff", a, scratch.path("merged.pt")]), "tensors")
    #expect(rows == [0, 0, 0, 0, 0, 0], "the matched body is A's, and the head stays")
  }

  @Test("a longer head under other words is a head")
  func longerHead() throws {
    let diff = try json(["diff", model("gaps-a.pt"), model("gaps-longer.pt")])
    let rows = distances(diff, "tensors")
    #expect(rows.count == 4 && isGrown(rows))
    #expect(diff["removed"]?.array?.count == 2 && diff["added"]?.array?.count == 4)
  }

  @Test(
    "layers that carry each other's names go where their weights belong, which is said",
    arguments: ["named-place.h5", "named-name.h5"])
  func swapped(_ name: String) throws {
    let outcome = try Tool.run(["diff", model("named-a.h5"), model(name), "--json"])
    #expect(outcome.errors.contains("each other's names"))
    #expect(isGrown(distances(try outcome.json(), "tensors")))
  }

  /// Writes a file of safetensors.
  private func write(_ name: String, _ tensors: [(String, [Int], Float)]) throws -> String {
    var (header, data) = ([String](), Data())
    for (tensor, shape, value) in tensors {
      let begin = data.count
      for place in 0..<shape.reduce(1, *) {
        withUnsafeBytes(of: (value * Float(place % 7 - 3)).bitPattern.littleEndian) {
          data.append(contentsOf: $0)
        }
      }
      header.append(
        #""\#(tensor)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(begin),\#(data.count)]}"#
      )
    }
    let text = Data("{\(header.joined(separator: ","))}".utf8)
    var file = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
    file += text + data
    let path = scratch.path(name)
    try file.write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test("a first word that one file adds is taken off, and said; else the likely pair is named")
  func prefix() throws {
    let body = [
      ("emb.weight", [20, 8]), ("enc.0.dense.weight", [8, 8]), ("enc.0.dense.bias", [8]),
    ]
    let under = body.map { ("bert." + $0.0, $0.1, Float(1)) }
    let a = try write("a.safetensors", under + [("classifier.weight", [3, 8], 1)])
    let b = try write(
      "b.safetensors", body.map { ($0.0, $0.1, Float(3)) } + [("pooler.weight", [9, 8], 1)])
    let out = scratch.path("out.safetensors")
    let outcome = try Tool.run(["merge", a, b, "--shared-only", "-o", out, "--json"])
    #expect(outcome.code == 0 && outcome.errors.contains("bert. off"), "\(outcome.errors)")
    #expect(try outcome.json()["tensors"]?.integer == 3)
    let rows = try json(["diff", a, out])["tensors"]?.array ?? []
    for row in rows {
      let isHead = row["name"]?.string == "classifier.weight"
      #expect(row["relative"]?.number == (isHead ? 0 : 1), "the mean of 1 and 3 is 2")
    }
    #expect(rows.count == 4)
    let other = try write("c.safetensors", [("x.emb.weight", [20, 9], 1)])
    let refused = try Tool.run([
      "merge", a, other, "--shared-only", "-o", scratch.path("none.safetensors"),
    ])
    #expect(refused.code == 65 && refused.errors.contains("no tensor of the one has its name"))
    #expect(refused.errors.contains("bert.emb.weight ↔ x.emb.weight?"))
  }

  @Test("numbers in names sort as numbers in listings")
  func listing() throws {
    let names = [0, 1, 10, 11, 2, 3].map { "layers.\($0).weight" }
    let file = try write("blocks.safetensors", names.map { ($0, [4, 4], 1) })
    let sorted = [0, 1, 2, 3, 10, 11].map { "layers.\($0).weight" }
    let inspected = try Tool.run(["inspect", file, "--tensors", "--json"]).json()
    #expect((inspected["tensors"]?.array ?? []).compactMap { $0["name"]?.string } == sorted)
    let rows = try json(["diff", file, file])["tensors"]?.array ?? []
    #expect(rows.compactMap { $0["name"]?.string } == sorted)
  }
}
