import Foundation
import Support
import TestSupport
import Testing

/// `wsl zoo phases`, `scaling` and `multiplicity` as a user runs them, on a zoo that was trained.
///
/// Tried by hand beside what is here: multiplicity of eight perceptrons against a forward pass in NumPy (all
/// measures the same to 1e-7); scaling of results that are constant, that rise, and that have no floor (each
/// warned about); a label called `size`, which an index has for the bytes of a file (the file's is taken).
@Suite("Phases, scaling and multiplicity of a zoo", .serialized)
struct ZooStudiesTests {
  /// Two widths, two batch sizes, two seeds, with a checkpoint within each training.
  private static let spec = """
    name: g
    data: digits
    seeds: [0, 1]
    training: {optimizer: sgd, learning-rate: 0.05, epochs: 4, checkpoints: [2]}
    models:
      - {name: a, model: {kind: mlp, width: 4}, training: {batch-size: 16}}
      - {name: b, model: {kind: mlp, width: 4}, training: {batch-size: 128}}
      - {name: c, model: {kind: mlp, width: 32}, training: {batch-size: 16}}
      - {name: d, model: {kind: mlp, width: 32}, training: {batch-size: 128}}
    """

  private static let thresholds = "loss=0.3,connectivity=1,similarity=0.65"

  /// Builds the zoo and its index, with labels that a table gives: narrow networks have barriers, the
  /// results of sizes follow a law.
  private func index(_ folder: Scratch, labels: Bool = true) throws -> String {
    try Self.spec.write(toFile: folder.path("g.yaml"), atomically: true, encoding: .utf8)
    var rows = ["name,connectivity,similarity,units,planted"]
    for (place, name) in ["a", "b", "c", "d"].flatMap({ ["\($0)-seed0", "\($0)-seed1"] })
      .enumerated()
    {
      let units = 1000 * pow(4, Double(place))
      rows.append(
        "g-\(name),\(place < 4 ? -12 : -0.2),\(place % 4 < 2 ? 0.4 : 0.8),\(units),"
          + "\(0.25 + pow(5000 / units, 0.4))")
    }
    try rows.joined(separator: "\n").write(
      toFile: folder.path("labels.csv"), atomically: true, encoding: .utf8)
    let path = folder.path("zoo.sqlite")
    for command in [
      ["zoo", "build", folder.path("g.yaml"), "-o", folder.path("zoo"), "--quiet"],
      ["zoo", "index", folder.path("zoo"), "-o", path]
        + (labels ? ["--labels", folder.path("labels.csv")] : []),
    ] {
      let outcome = try Tool.run(command)
      try #require(outcome.code == 0, "\(outcome.errors)")
    }
    return path
  }

  @Test("a cell is the seeds of one width and batch size, with what a scan computed and labels say")
  func phases() throws {
    let folder = try Scratch()
    let zoo = try index(folder)
    let scan = try Tool.run(
      "zoo", "scan", zoo, "--metrics", "hessian", "--data", "digits", "--limit", "60", "--quiet")
    #expect(scan.code == 0, "\(scan.errors)")
    let plot = folder.path("map.svg")
    // The name of a column is also found with a hyphen.
    let outcome = try Tool.run(
      "zoo", "phases", zoo, "--load", "width", "--temperature", "batch-size", "--thresholds",
      Self.thresholds, "--draws", "20", "--plot", plot, "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    let cells = try #require(json["cells"]?.array)
    #expect(cells.count == 4)
    let listed = try Tool.run(
      "zoo", "list", zoo, "--where", "checkpoint_epoch is null and width = 32 and batch_size = 16",
      "--columns", "hessian_trace,hessian_topEigenvalue,train_loss,test_accuracy", "--json")
    let models = try #require(try listed.json()["models"]?.array)
    #expect(models.count == 2)
    let cell = try #require(
      cells.first { $0["load"]?.number == 32 && $0["temperature"]?.number == 16 })
    for (key, column) in [
      ("hessianTrace", "hessian_trace"), ("hessianTopEigenvalue", "hessian_topEigenvalue"),
      ("trainLoss", "train_loss"), ("testAccuracy", "test_accuracy"),
    ] {
      let values = models.compactMap { $0[column]?.number }
      let mean = values.reduce(0, +) / 2
      let found = try #require(cell[key]?.number)
      #expect(values.count == 2 && abs(found - mean) <= 1e-12 * abs(mean), "\(key)")
    }
    for cell in cells {
      // Checkpoints are no seeds.
      #expect(cell["models"]?.integer == 2)
      let high = (cell["trainLoss"]?.number ?? 0) > 0.3
      let apart = cell["load"]?.number == 4
      let alike = cell["temperature"]?.number == 128
      let phase = high ? (apart ? "I" : "II") : apart ? "III" : alike ? "IV-B" : "IV-A"
      #expect(cell["phase"]?.string == phase)
    }
    let warnings = json["warnings"]?.array?.compactMap(\.string) ?? []
    #expect(warnings.contains { $0.hasPrefix("8 models are checkpoints") }, "\(warnings)")
    let picture = try String(contentsOfFile: plot, encoding: .utf8)
    #expect(picture.hasPrefix("<svg") && picture.contains("trace of the Hessian"))
    // An expression about epochs is taken as it is.
    let all = try Tool.run(
      "zoo", "phases", zoo, "--load", "width", "--temperature", "batch_size", "--thresholds",
      Self.thresholds, "--draws", "0", "--where", "coalesce(checkpoint_epoch, 0) >= 0", "--json")
    #expect(try all.json()["cells"]?[0]?["models"]?.integer == 4, "\(all.errors)")
    #expect(all.errors.contains("one seed of one cell has several models"))
  }

  @Test("what is missing is named with the command that computes it; errors have their codes")
  func missing() throws {
    let folder = try Scratch()
    let zoo = try index(folder, labels: false)
    let base = ["zoo", "phases", zoo, "--temperature", "batch_size"]
    let outcome = try Tool.run(
      base + ["--load", "width", "--thresholds", Self.thresholds, "--json"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in ["--metrics hessian", "--metrics connectivity", "--metrics similarity"] {
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
    }
    for cell in try outcome.json()["cells"]?.array ?? [] {
      #expect(cell["phase"] == .null && cell["hessianTrace"] == .null)
      #expect(cell["reason"]?.string?.isEmpty == false)
    }
    #expect(try Tool.run(base + ["--load", "widht"]).code == 64)
    // Thresholds are not found from four cells.
    #expect(try Tool.run(base + ["--load", "width"]).code == 65)
    #expect(try Tool.run(base + ["--load", "width", "--where", "width > 99"]).code == 65)
    let none = try Tool.run(
      "zoo", "phases", folder.path("none.sqlite"), "--load", "a", "--temperature", "b")
    #expect(none.code == 66)
  }

  @Test("a planted law is found in an index; a column of two sizes is refused")
  func scaling() throws {
    let folder = try Scratch()
    let zoo = try index(folder)
    let outcome = try Tool.run(
      "zoo", "scaling", zoo, "--x", "units", "--y", "planted", "--draws", "20", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["law"]?.string == "L + (N_c/N)^a" && json["models"]?.integer == 8)
    for (name, planted) in [("L", 0.25), ("N_c", 5000), ("a", 0.4)] {
      let found = try #require(json["parameters"]?[name]?.number)
      #expect(abs(found - planted) < 1e-4 * planted, "\(name): \(found)")
      #expect(json["intervals"]?[name]?["low"]?.number != nil)
    }
    #expect((json["heldOut"]?["largestError"]?.number ?? 1) < 1e-4)
    let few = try Tool.run("zoo", "scaling", zoo, "--x", "parameters", "--y", "test_loss")
    #expect(few.code == 65 && few.errors.contains("2 different inputs"), "\(few.errors)")
    #expect(try Tool.run("zoo", "scaling", zoo, "--x", "unitz", "--y", "planted").code == 64)
  }

  @Test("multiplicity: the best is the baseline; of two models all measures are one")
  func multiplicity() throws {
    let folder = try Scratch()
    let zoo = try index(folder)
    let base = ["zoo", "multiplicity", zoo, "--data", "digits", "--json", "--quiet"]
    let outcome = try Tool.run(base + ["--within", "1"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["models"]?.integer == 16)
    let list = try Tool.run("zoo", "list", zoo, "--columns", "test_accuracy", "--json")
    let accuracies = try list.json()["models"]?.array?.compactMap { $0["test_accuracy"]?.number }
    #expect(json["baseline"]?["accuracy"]?.number == accuracies?.max())
    let two = try Tool.run(
      base + ["--within", "1", "--where", "name in ('g-c-seed0', 'g-d-seed1')"])
    let pair = try two.json()
    let share = try #require(pair["ambiguity"]?.number)
    #expect(share > 0 && pair["models"]?.integer == 2)
    #expect(pair["discrepancy"]?.number == share)
    #expect(abs((pair["disagreement"]?.number ?? 0) - share) < 1e-12)
    let examples = try #require(pair["perExample"]?["disagreement"]?.array)
    #expect(examples.count == pair["examples"]?.integer)
    let differing = examples.count { $0.number == 1 }
    #expect(Double(differing) / Double(examples.count) == share)
    #expect(pair["perExample"]?["ambiguous"]?.array?.count == differing)
    let none = try Tool.run(base + ["--within", "1", "--where", "width > 99"])
    #expect(none.code == 65)
  }
}
