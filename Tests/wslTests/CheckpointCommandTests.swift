import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// Checkpoints and Keras files as people save them, on the command line. The files are those of the
/// tests below, by the real PyTorch and Keras.
@Suite("Checkpoints on the command line")
struct CheckpointCommandTests {
  private static func checkpoint(_ name: String) -> String {
    Tool.packageRoot.appendingPathComponent("Tests/WeightFilesTests/Fixtures/checkpoints/" + name)
      .path
  }

  private static func keras(_ name: String) -> String {
    Tool.packageRoot.appendingPathComponent("Tests/ModelGraphTests/Fixtures/" + name).path
  }

  private static func names(_ outcome: Tool.Outcome) throws -> [String] {
    try outcome.json()["tensors"]?.array?.compactMap { $0["name"]?.string } ?? []
  }

  @Test(
    "a network is read whatever lies beside it",
    arguments: [
      "extras2.pt", "extras5.pt", "whole.pt", "history-model_state_dict.pt", "program.pt2",
      "plain.dcp", "nested.dcp", "sharded.dcp",
    ])
  func inspect(_ name: String) throws {
    let outcome = try Tool.run("inspect", Self.checkpoint(name), "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let found = try Self.names(outcome)
    #expect(["0.weight", "0.bias", "2.weight", "2.bias"].allSatisfy(found.contains))
    #expect(name == "sharded.dcp" || found.count == 4)
    #expect(try outcome.json()["symmetries"]?.array?.count == (name == "sharded.dcp" ? 0 : 1))
  }

  @Test("what lies beside the network is listed")
  func beside() throws {
    let file = Self.checkpoint("history-model_state_dict.pt")
    let skipped = try Tool.run("inspect", file, "--json").json()["skipped"]?.array ?? []
    let losses = try #require(skipped.first { $0["name"]?.string == "losses" })
    #expect(losses["reason"]?.string?.contains("it is not in model_state_dict") == true)
  }

  @Test("a checkpoint with a history is matched and merged with a plain module")
  func matchAndMerge() throws {
    let scratch = try Scratch()
    let (a, b) = (Self.checkpoint("whole.pt"), Self.checkpoint("history-model_state_dict.pt"))
    let matched = try Tool.run("match", a, b, "-o", scratch.path("m.pt"), "--json")
    #expect(matched.code == 0, "\(matched.errors)")
    #expect(try matched.json()["groups"]?.array?.count == 1)
    let merged = try Tool.run("merge", a, b, "-o", scratch.path("o.pt"))
    #expect(merged.code == 0, "\(merged.errors)")
    // Half of the sum, in the container of the first.
    let difference = try Tool.run("diff", scratch.path("o.pt"), a, "--json").json()
    #expect(difference["tensors"]?.array?.count == 4)
  }

  @Test(
    "one of two networks in a file is taken by its name",
    arguments: [
      ["distilled.pt", "--prefix", "student"], ["distilled.pt#student"],
      ["distilled-flat.pt", "--prefix", "student"], ["averaged.pt", "--prefix", "ema"],
    ])
  func prefix(_ arguments: [String]) throws {
    let outcome = try Tool.run(
      ["inspect", Self.checkpoint(arguments[0])] + arguments.dropFirst() + ["--json"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try Self.names(outcome) == ["0.weight", "0.bias", "2.weight", "2.bias"])
    #expect(try outcome.json()["tensors"]?[0]?["shape"]?[0]?.integer == 5)
  }

  @Test("teacher and student of one file are told apart by every command")
  func twoOfOneFile() throws {
    let scratch = try Scratch()
    let file = Self.checkpoint("distilled.pt")
    let same = try Tool.run("diff", file + "#teacher", file, "--prefix", "teacher", "--json")
    #expect(same.code == 66, "a name behind a name is none: \(same.errors)")
    let equal = try Tool.run("diff", file + "#teacher", file + "#teacher", "--fail-above", "0")
    #expect(equal.code == 0, "\(equal.errors)")
    let converted = try Tool.run(
      "convert", file, "--prefix", "teacher", "-o", scratch.path("t.safetensors"))
    #expect(converted.code == 0, "\(converted.errors)")
    let spectrum = try Tool.run("spectrum", file, "--prefix", "student", "--json")
    #expect(spectrum.code == 0 && spectrum.output.contains("student"))
    let matched = try Tool.run(
      "match", file, Self.checkpoint("averaged.pt") + "#model", "--prefix", "", "--json")
    #expect(matched.code == 64)
    let there = try Tool.run(
      "match", file + "#teacher", Self.checkpoint("averaged.pt"), "-o", scratch.path("m.pt"))
    #expect(there.code == 0, "\(there.errors)")
    let missing = try Tool.run("inspect", file, "--prefix", "pupil")
    #expect(missing.code == 66 && missing.errors.contains("teacher, student"))
  }

  @Test("matching says which layers it leaves alone", arguments: ["embed.keras", "middle.h5"])
  func leftAlone(_ name: String) throws {
    let outcome = try Tool.run("match", Self.keras(name), Self.keras(name), "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let word = name == "embed.keras" ? "normalise" : "dot"
    let warnings = try outcome.json()["warnings"]?.array?.compactMap(\.string) ?? []
    #expect(warnings.contains { $0.contains(word) && $0.contains("left alone") })
    #expect(outcome.errors.contains(word))
  }

  @Test(
    "networks of the kinds that can be run prove their symmetries",
    arguments: [
      "unet.keras", "seq2seq.keras", "seq2seq.h5", "siamese.keras", "transposed3d.keras",
    ])
  func proof(_ name: String) throws {
    let outcome = try Tool.run("inspect", Self.keras(name), "--symmetries", "--check", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try outcome.json()["check"]?["holds"]?.bool == true)
  }
}
