import Foundation
import Support
import Testing

@testable import ZooIndex

/// Which line of a trial's results is of which checkpoint.
///
/// Tried of the kind: reports of every fifth iteration, iterations twice (a restored trial), out of order,
/// as texts and as floating-point numbers, NaN for an iteration or a result, damaged lines in the middle
/// and at the end, `progress.csv` with CRLF and cut off, checkpoints that count from 0 in files whose lines
/// name the checkpoint's folder (Ray 2.7 and later), lines without any iteration, with an `epoch` that
/// counts from 0, from 1, or every tenth. What is not known has no results, and is told.
@Suite("Results of trials")
struct TrialResultsTests {
  private static func unit(_ number: Int, folder: String? = nil) -> ModelUnit {
    ModelUnit(
      path: "/t/\(number)", layout: .trial, name: "t", epoch: number,
      checkpoint: folder ?? "checkpoint_\(number)")
  }

  /// The accuracy found for each checkpoint; nil where there are no results.
  private static func accuracies(
    _ text: String, _ numbers: [Int], in name: String = "result.json"
  ) -> [Double?] {
    let results = TrialResults(Array(text.utf8), name: name)
    return numbers.map { number in
      results.found(for: unit(number)).labels.first { $0.name == "acc" }?.value.number
    }
  }

  private static func lines(_ iterations: [Int], key: String = "training_iteration") -> String {
    iterations.enumerated().map { place, iteration in
      #"{"\#(key)": \#(iteration), "acc": \#(place + 1)}"# + "\n"
    }.joined()
  }

  @Test("the iteration decides, wherever its line stands; of several, the last")
  func iterations() {
    let sparse = Self.lines([5, 10, 15, 20])
    #expect(Self.accuracies(sparse, [0, 5, 10, 15, 20, 4, 25]) == [nil, 1, 2, 3, 4, nil, nil])
    let restored = Self.lines([1, 2, 3, 4, 3, 4, 5])
    #expect(Self.accuracies(restored, [1, 2, 3, 4, 5]) == [1, 2, 5, 6, 7])
    #expect(Self.accuracies(Self.lines([3, 1, 2]), [1, 2, 3]) == [2, 3, 1])
    let spelled =
      #"{"training_iteration": "7", "acc": 1}"# + "\n" + #"{"training_iteration": 8.0, "acc": 2}"#
    #expect(Self.accuracies(spelled, [1, 2, 7, 8]) == [nil, nil, 1, 2])
    // One line says an iteration, and so the places of the others mean nothing.
    let mixed = "{\"acc\": 1}\n{\"training_iteration\": NaN, \"acc\": 2}\n" + Self.lines([9])
    #expect(Self.accuracies(mixed, [1, 2, 3, 9]) == [nil, nil, nil, 1])
  }

  @Test("damaged lines are no lines, and are told; a last line that is cut off is not missed")
  func damage() {
    let text =
      Self.lines([1]) + "{\"training_iteration\": 2, \"acc\"\n" + Self.lines([3]) + "\u{0}\n17\n"
      + #"{"training_iteration": 4, "acc": NaN, "loss": -Infinity}"# + "\r\n  \n"
      + #"{"training_iteration": 5, "#
    let results = TrialResults(Array(text.utf8), name: "result.json")
    #expect(results.note?.contains("3 damaged lines") == true)
    #expect(Self.accuracies(text, [1, 2, 3, 4, 5]) == [1, nil, 1, nil, nil])
    let found = results.found(for: Self.unit(4))
    #expect(found.note == nil && found.labels.contains { $0.name == "training_iteration" })
    #expect(results.found(for: Self.unit(2)).note?.contains("no line of this checkpoint") == true)
    #expect(TrialResults(Array(Self.lines([1]).utf8), name: "result.json").note == nil)
    for empty in ["", "\n\n"] {
      let nothing = TrialResults(Array(empty.utf8), name: "result.json").found(for: Self.unit(1))
      #expect(nothing.labels.isEmpty && nothing.note == nil)
    }
  }

  @Test("lines that name the checkpoint's folder decide over the number in its name")
  func folders() {
    let names = ["checkpoint_000000", nil, "checkpoint_000001", "checkpoint_000001"]
    let text = names.enumerated().map { place, name in
      let folder = name.map { "\"\($0)\"" } ?? "null"
      return
        #"{"training_iteration": \#(place * 5 + 5), "acc": \#(place + 1), "checkpoint_dir_name": \#(folder)}"#
    }.joined(separator: "\n")
    let results = TrialResults(Array(text.utf8), name: "result.json")
    func accuracy(_ number: Int, _ folder: String) -> Double? {
      results.found(for: Self.unit(number, folder: folder)).labels.first { $0.name == "acc" }?
        .value.number
    }
    #expect(accuracy(0, "checkpoint_000000") == 1 && accuracy(1, "checkpoint_000001") == 4)
    // Of iteration 5, but no line names it.
    #expect(accuracy(5, "checkpoint_000005") == nil)
  }

  @Test("without iterations places decide, unless a line says another epoch")
  func places() {
    let plain = "{\"acc\": 1}\n{\"acc\": 2}\n{\"acc\": 3}\n"
    #expect(Self.accuracies(plain, [0, 1, 2, 3, 4]) == [nil, 1, 2, 3, nil])
    for first in [0, 1] {
      let epochs = Self.lines([first, first + 1, first + 2], key: "epoch")
      #expect(Self.accuracies(epochs, [1, 2, 3, 4]) == [1, 2, 3, nil])
    }
    let restored = Self.lines([0, 1, 2, 1, 2, 3], key: "epoch")
    #expect(Self.accuracies(restored, [1, 2, 3]) == [1, 4, 5])
    #expect(
      Self.accuracies(Self.lines([10, 20, 30], key: "epoch"), [1, 2, 3]) == [nil, nil, nil])
    // A damaged line has its place.
    #expect(Self.accuracies("{\"acc\": 1}\n{\"ac\n{\"acc\": 3}\n", [1, 2, 3]) == [1, nil, 3])
  }

  @Test("progress.csv says the same, as Python's csv module writes it")
  func tables() {
    let heading = "acc,training_iteration,config/lr,note"
    let text =
      [heading, "0.1,5,0.01,\"a, b\"", "0.2,10,0.01,", "nan,15,0.01,x", "0.5,10,0.01,y"]
      .joined(separator: "\r\n") + "\r\n"
    #expect(
      Self.accuracies(text, [0, 1, 5, 10, 15], in: "progress.csv") == [nil, nil, 0.1, 0.5, nil])
    let results = TrialResults(Array(text.utf8), name: "progress.csv")
    let labels = results.found(for: Self.unit(5)).labels
    #expect(labels.map(\.name) == ["acc", "training_iteration", "note"])
    #expect(labels.last?.value == .text("a, b"))
    // Cut off within a row, and within its last cell.
    #expect(Self.accuracies(text + "0.9,20", [10, 20], in: "progress.csv") == [0.5, nil])
    let cut = TrialResults(Array((text + "0.9,20,0.01,z").utf8), name: "progress.csv")
    #expect(cut.found(for: Self.unit(20)).note?.contains("ends within a line") == true)
    #expect(cut.found(for: Self.unit(10)).note == nil)
    let broken = TrialResults(Array((text + "1,2\r\n" + "3,4\r\n").utf8), name: "progress.csv")
    #expect(broken.note != nil && broken.found(for: Self.unit(5)).labels.isEmpty)
  }

  @Test("a trial that reported every fifth iteration, in an index")
  func indexed() async throws {
    let folder = try IndexFolder()
    for number in [0, 5, 10] {
      let name = "t/checkpoint_" + String(repeating: "0", count: number < 10 ? 5 : 4) + "\(number)"
      try folder.write(name + "/checkpoints", seed: UInt64(number))
      try folder.write("u" + name.dropFirst() + "/checkpoints", seed: UInt64(number + 1))
    }
    try folder.write(
      (1...2).map { #"{"training_iteration": \#(5 * $0), "test_acc": 0.\#($0)}"# + "\n" }.joined(),
      to: "zoo/t/result.json")
    try folder.write(
      "test_acc,training_iteration\r\n0.3,5\r\n0.4,10\r\n", to: "zoo/u/progress.csv")
    var options = Indexer.Options()
    options.epochs = "all"
    let summary = try await folder.update(options)
    #expect(
      try folder.ask("name epoch training_iteration test_acc") == [
        "t/checkpoint_000000|0||", "t/checkpoint_000005|5|5|0.1", "t/checkpoint_000010|10|10|0.2",
        "u/checkpoint_000000|0||", "u/checkpoint_000005|5|5|0.3", "u/checkpoint_000010|10|10|0.4",
      ])
    #expect(
      summary.warnings.map { $0.contains("result.json has no line of this checkpoint") } == [
        true, false,
      ])
  }
}
