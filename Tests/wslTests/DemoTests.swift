import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// The way of a newcomer: build a zoo, inspect, match, connect.
@Suite("The demo's commands", .serialized)
struct DemoTests {
  static let spec = """
    name: tiny
    data: digits
    model: {kind: mlp, widths: [128, 128]}
    training: {optimizer: adamw, learning-rate: 0.003, weight-decay: 0.1, epochs: 15}
    seeds: [0, 1]
    """

  /// The zoo of the spec, built once for the whole suite.
  static let zoo = Result { () throws -> Scratch in
    let folder = try Scratch()
    try spec.write(toFile: folder.path("tiny.yaml"), atomically: true, encoding: .utf8)
    let built = try Tool.run("zoo", "build", folder.path("tiny.yaml"), "-o", folder.path("zoo"))
    #expect(built.code == 0, "\(built.errors)")
    return folder
  }

  private func files() throws -> (folder: Scratch, a: String, b: String) {
    let folder = try Self.zoo.get()
    return (folder, folder.path("zoo/tiny-seed0.h5"), folder.path("zoo/tiny-seed1.h5"))
  }

  @Test("inspect knows the layers and finds the symmetries")
  func inspect() throws {
    let (_, a, _) = try files()
    let outcome = try Tool.run("inspect", a, "--json")
    let result = try outcome.json()
    #expect(outcome.code == 0)
    #expect(result["parameters"]?.integer == 64 * 128 + 128 + 128 * 128 + 128 + 128 * 10 + 10)
    #expect(result["format"]?.string == "hdf5")
    #expect(result["tensors"]?.array?.count == 6)
    #expect(result["tensors"]?[0]?["dtype"]?.string == "F32")
    #expect(result["architecture"]?["layers"]?.array?.isEmpty == false)
    let symmetries = try #require(result["symmetries"]?.array)
    #expect(symmetries.map { $0["size"]?.integer } == [128, 128])
    #expect(symmetries.allSatisfy { $0["axes"]?.array?.count == 3 })
    let table = try Tool.run("inspect", a, "--symmetries", "--tensors")
    #expect(table.output.contains("symmetries (tensor·axis)") && table.output.contains("F32"))
  }

  @Test("match lines the units up, and every permutation is one")
  func match() throws {
    let (_, a, b) = try files()
    let result = try Tool.run("match", a, b, "--json").json()
    let before = try #require(result["objective"]?["before"]?.number)
    let after = try #require(result["objective"]?["after"]?.number)
    #expect(after < 0.9 * before)
    let groups = try #require(result["groups"]?.array)
    #expect(groups.count == 2)
    for group in groups {
      let permutation = try #require(group["permutation"]?.array).compactMap(\.integer)
      #expect(permutation.sorted() == Array(0..<128))
      let moved = permutation.enumerated().count { $0.offset != $0.element }
      #expect(group["moved"]?.integer == moved)
    }
    for key in ["l2", "cosine", "objective"] {
      #expect(result[key]?["before"]?.number != nil && result[key]?["after"]?.number != nil)
    }
    #expect(result["alignment"]?["before"]?.array?.count == 5)
    #expect(result["alignment"]?["after"]?.array?.count == 5)
    #expect(result["seed"]?.integer == 0 && result["seconds"]?.number != nil)
    #expect((result["sweeps"]?.integer ?? 0) > 0)
  }

  @Test("the matched file is B in other units: matching it again moves nothing, and it is as good")
  func output() throws {
    let (folder, a, b) = try files()
    let matched = folder.path("matched.h5")
    let first = try Tool.run("match", a, b, "-o", matched, "--json").json()
    let again = try Tool.run("match", a, matched, "--json").json()
    #expect(again["groups"]?.array?.allSatisfy { $0["moved"]?.integer == 0 } == true)
    let after = try #require(first["objective"]?["after"]?.number)
    let before = try #require(again["objective"]?["before"]?.number)
    #expect(abs(before - after) <= 1e-9 * after)
    // B and its permuted copy compute the same function: the loss at t = 1 is the same to the
    // rounding of a sum in another order.
    let naive = try Tool.run("connect", a, b, "--data", "digits", "--points", "2", "--json").json()
    let same = try Tool.run("connect", a, matched, "--data", "digits", "--points", "2", "--json")
      .json()
    let lossB = try #require(naive["curves"]?[0]?["points"]?[1]?["loss"]?.number)
    let lossMatched = try #require(same["curves"]?[0]?["points"]?[1]?["loss"]?.number)
    #expect(abs(lossB - lossMatched) < 1e-5)
    try FileManager.default.removeItem(atPath: matched)
  }

  @Test("connect: matching makes the barrier go away")
  func connect() throws {
    let (folder, a, b) = try files()
    let plot = folder.path("path.svg")
    let outcome = try Tool.run(
      "connect", a, b, "--data", "digits", "--match", "--plot", plot, "--json")
    let curves = try #require(try outcome.json()["curves"]?.array)
    #expect(curves.map { $0["name"]?.string } == ["naive", "matched"])
    #expect(curves.allSatisfy { $0["points"]?.array?.count == 25 })
    let naive = try #require(curves[0]["barrier"]?["loss"]?.number)
    let matched = try #require(curves[1]["barrier"]?["loss"]?.number)
    #expect(naive > 0.3 && matched <= 0.1 * naive, "naive \(naive), matched \(matched)")
    let accuracy = try #require(curves[1]["points"]?[12]?["accuracy"]?.number)
    #expect(accuracy > 0.9)
    let svg = try String(contentsOfFile: plot, encoding: .utf8)
    #expect(svg.hasPrefix("<svg") && svg.contains("matched"))
    // Nothing is overwritten without being told to.
    let refused = try Tool.run("connect", a, b, "--data", "digits", "--plot", plot)
    #expect(refused.code == 74 && refused.errors.contains("--force"))
  }

  @Test("the same spec gives the same bytes for any number of jobs; --resume keeps what is there")
  func reproducible() throws {
    let (folder, a, _) = try files()
    let spec = folder.path("tiny.yaml")
    let alone = try Tool.run("zoo", "build", spec, "-o", folder.path("again"), "--jobs", "1")
    #expect(alone.code == 0, "\(alone.errors)")
    let (one, other) = (try Data(contentsOf: URL(fileURLWithPath: a)), folder.path("again"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: other + "/tiny-seed0.h5")) == one)
    let refused = try Tool.run("zoo", "build", spec, "-o", other)
    #expect(refused.code == 74)
    try FileManager.default.removeItem(atPath: other + "/tiny-seed1.h5")
    let resumed = try Tool.run("zoo", "build", spec, "-o", other, "--resume", "--json").json()
    #expect(resumed["models"]?.array?.map { $0["status"]?.string } == ["kept", "trained"])
  }
}
