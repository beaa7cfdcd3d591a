import Foundation
import Support
import TestSupport
import Testing

/// `wsl hessian`, `wsl landscape` and `wsl similarity` as a user runs them, beside `evaluate` and what
/// follows from definitions.
@Suite("Second derivatives, sections and similarity as commands", .serialized)
struct LandscapeCommandTests {
  private static let spec = """
    name: l
    data: digits
    training: {optimizer: adamw, learning-rate: 0.003, epochs: 4, batch-size: 64, checkpoints: [1, 3]}
    model: {kind: mlp, width: 6}
    seeds: [0, 1, 2]
    """

  private struct BuildError: Error {
    var errors: String
  }

  private static let built = Result { () throws -> Scratch in
    let folder = try Scratch()
    try spec.write(toFile: folder.path("l.yaml"), atomically: true, encoding: .utf8)
    let outcome = try Tool.run(
      "zoo", "build", folder.path("l.yaml"), "-o", folder.path("zoo"), "--quiet")
    guard outcome.code == 0 else { throw BuildError(errors: outcome.errors) }
    return folder
  }

  private func model(_ name: String) throws -> String {
    try Self.built.get().path("zoo/l-\(name).h5")
  }

  private func json(_ words: [String]) throws -> JSONValue {
    let outcome = try Tool.run(words + ["--json"])
    try #require(outcome.code == 0, "\(words.prefix(2)): \(outcome.errors)")
    return try outcome.json()
  }

  private func loss(_ path: String, limit: Int) throws -> Double {
    let answer = try json(["evaluate", path, "--data", "digits", "--limit", "\(limit)"])
    return answer["models"]?.array?.first?["cleanLoss"]?.number ?? .nan
  }

  @Test("all eigenvalues of a block sum up to its trace; the same for any number of jobs")
  func hessian() throws {
    let words = [
      "hessian", try model("seed0"), "--data", "digits", "--limit", "40", "--tensor", "fc2/bias",
      "--top", "10",
    ]
    let found = try json(words + ["--jobs", "1"])
    let values = found["topEigenvalues"]?.array?.compactMap(\.number) ?? []
    #expect(values.count == 10 && values == values.sorted(by: >))
    let trace = try #require(found["trace"]?.number)
    // Ten weights: the trace is exact, of Float32 products.
    #expect(abs(values.reduce(0, +) - trace) < 1e-5 * trace, "\(values) \(trace)")
    #expect(found["traceError"]?.number == 0 && found["parameters"]?.integer == 10)
    // A constant that is added to all logits changes nothing: softmax leaves one direction flat.
    #expect(abs(values[9]) < 1e-5 * values[0])
    #expect(abs((found["loss"]?.number ?? 0) - (try loss(model("seed0"), limit: 40))) < 1e-6)
    #expect(try json(words + ["--jobs", "3"]) == found)
    let both = try json(words + ["--split", "both", "--no-density"])
    #expect(both["splits"]?.array?.map { $0["split"]?.string } == ["test", "train"])
    #expect(both["trace"] == both["splits"]?.array?.first?["trace"])
  }

  @Test("the middle of a section is the network; a plane holds its three networks")
  func landscape() throws {
    let first = try model("seed0")
    let section = try json([
      "landscape", first, "--data", "digits", "--limit", "40", "--points", "3",
    ])
    let rows = section["loss"]?.array?.map { $0.array?.compactMap(\.number) ?? [] } ?? []
    #expect(rows.map(\.count) == [3, 3, 3])
    let own = try loss(first, limit: 40)
    #expect(abs((rows.count == 3 ? rows[1][1] : .nan) - own) < 1e-6)
    let others = [try model("seed1"), try model("seed2")]
    let plane = try json(
      ["landscape", first, "--data", "digits", "--limit", "40", "--points", "3", "--through"]
        + [others[0], "--through", others[1]])
    let points = try #require(plane["points"]?.array)
    #expect(points.count == 3)
    for (point, path) in zip(points, [first] + others) {
      #expect(
        abs((point["loss"]?.number ?? .nan) - (try loss(path, limit: 40))) < 1e-5, "\(point)")
      // Two axes span the plane of three networks.
      #expect((point["distance"]?.number ?? 1) < 1e-4)
    }
    let run = try json([
      "landscape", first, "--data", "digits", "--limit", "40", "--points", "3", "--trajectory",
      try model("seed0-epoch1"), "--trajectory", try model("seed0-epoch3"),
    ])
    let shares = run["explainedVariance"]?.array?.compactMap(\.number) ?? []
    // Three checkpoints differ in a plane.
    #expect(shares.count == 2 && abs(shares.reduce(0, +) - 1) < 1e-5, "\(shares)")
  }

  @Test("a network is like itself, and like itself with its units in another order")
  func similarity() throws {
    let folder = try Scratch()
    let (first, second) = (try model("seed0"), try model("seed1"))
    let (permutation, permuted) = (folder.path("p.json"), folder.path("p.h5"))
    _ = try json(["match", first, second, "--save-permutation", permutation])
    _ = try json(["permute", first, "--with", permutation, "-o", permuted])
    let found = try json([
      "similarity", first, permuted, second, "--data", "digits", "--layer", "logits", "--layer",
      "fc1/relu",
    ])
    let layers = try #require(found["layers"]?.array)
    #expect(layers.map { $0["layer"]?.string } == ["logits", "fc1/relu"])
    for layer in layers {
      let cka = layer["cka"]?.array?.map { $0.array?.compactMap(\.number) ?? [] } ?? []
      try #require(cka.map(\.count) == [3, 3, 3])
      #expect(abs(cka[0][1] - 1) < 1e-5 && cka[0][0] == 1)
      #expect(cka[0][2] == cka[2][0] && cka[0][2] < 0.999)
    }
    #expect(found["agreement"]?.array?.first?.array?[1].number == 1)
  }

  @Test("what cannot be measured is one line with its place and the right code")
  func refusals() throws {
    let folder = try Scratch()
    let first = try model("seed0")
    let rows = (0..<40).map { "\($0 % 2),\($0),1" }
    let wide = folder.path("wide.csv")
    try (["label,a,b"] + rows).joined(separator: "\n").write(
      toFile: wide, atomically: true, encoding: .utf8)
    let digits = ["--data", "digits"]
    for (words, code, part) in [
      (["hessian", first, "--data", wide], 65 as Int32, "the data are of shape [2]"),
      (
        ["hessian", first] + digits + ["--tensor", "nothing"], 64, "trains no tensor of this name"
      ),
      (["hessian", first] + digits + ["--top", "0"], 64, "--top"),
      (["hessian", first, "--data", folder.path("none.npz")], 66, "none.npz"),
      (["hessian", folder.path("none.h5")] + digits, 66, "none.h5"),
      (["hessian", wide] + digits, 65, "wide.csv"),
      (["landscape", first] + digits + ["--points", "1"], 64, "--points"),
      (["landscape", first] + digits + ["--through", first], 64, "--through takes two"),
      (["landscape", first, "--data", wide], 65, "the data are of shape [2]"),
      (["similarity", first] + digits, 64, "needs two networks"),
      (["similarity", first, first] + digits + ["--limit", "3"], 64, "four examples"),
      (["similarity", first, first] + digits + ["--layer", "nothing"], 64, "nothing"),
      (["similarity", first, first, "--data", wide], 65, "the data are of shape [2]"),
    ] {
      let outcome = try Tool.run(words)
      #expect(outcome.code == code, "\(words.dropFirst(2)): \(outcome.code) \(outcome.errors)")
      #expect(outcome.errors.contains(part), "\(words.dropFirst(2)): \(outcome.errors)")
      let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("error") }
      #expect(lines.count == 1 && outcome.output.isEmpty)
    }
  }
}
