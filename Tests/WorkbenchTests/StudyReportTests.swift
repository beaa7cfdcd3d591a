import Foundation
import Support
import Testing

@testable import Workbench

/// Results of paths are read back by their type, not by keys.
@Suite("Results brought together")
struct StudyReportTests {
  /// A result of one path between two networks; losses are as they are given, with `null` for one that is not
  /// finite.
  private static func result(_ losses: [String], more: String = "", leaving key: String = "") throws
    -> JSONValue
  {
    let points = losses.enumerated().map { #"{"t": \#($0), "loss": \#($1), "accuracy": 0.5}"# }
    let set = #"{"overLine": 0.5, "overMean": 0.25, "atMiddle": null}"#
    let text = """
      {"method": "weights", "models": ["mlp-seed0.h5", "mlp-seed1.h5"], "hiddenUnits": [8, 16],
       "curves": [{"name": "matched", "a": "mlp-seed0.h5", "b": "mlp-seed1.h5", "split": "test",
         "points": [\(points.joined(separator: ","))],
         "barrier": {"loss": 0.5, "accuracy": 0.1, "at": 0.5},
         "barriers": {"loss": \(set), "error": \(set)}, "l2": 2.5,
         "alignment": {"gammas": [0.1, 0.3], "ends": [0.9, null], "aMiddle": [0.9, 0.75],
           "bMiddle": [1, 1]} \(more)}]}
      """
    return try JSONValue(
      parsing: Array((key.isEmpty ? text : text.replacing(key, with: "\"other\"")).utf8))
  }

  @Test("a path is read with all that it has, and null is no number")
  func reading() throws {
    var report = StudyReport()
    try report.add(.array([Self.result(["1", "1.5", "null"])]), file: "r.json")
    let row = try #require(report.rows.first)
    #expect(report.rows.count == 1 && row.name == "weights matched" && row.width == 16)
    #expect(
      (row.a, row.b, row.split, row.family) == ("mlp-seed0.h5", "mlp-seed1.h5", "test", "mlp"))
    #expect(row.barrier == 0.5 && row.overMean == 0.25 && row.atMiddle == nil && row.l2 == 2.5)
    #expect(row.alignment == nil && row.middleAlignment == 0.75 && row.taylor == nil)
    #expect(row.points.map(\.loss).prefix(2) == [1, 1.5] && row.points[2].loss.isNaN)
  }

  @Test(
    "what is missing or of another kind is named",
    arguments: [
      (["1", "2"], "\"barriers\"", "'barriers' is missing"),
      (["1", "\"x\""], "\"unused\"", "'curves.Index 0.points.Index 1.loss' is something else"),
      (["1"], "\"unused\"", "a curve has no points"),
    ])
  func damaged(losses: [String], key: String, words: String) throws {
    var report = StudyReport()
    let error = #expect(throws: Diagnostic.self) {
      try report.add(try Self.result(losses, leaving: key), file: "r.json")
    }
    #expect(error?.code == .badData && error?.location == ["r.json"])
    #expect(error?.message.contains(words) == true, "\(String(describing: error))")
  }

  @Test("numbers that are not finite come back as no number")
  func finite() throws {
    let numbers = [FiniteNumber(1.5), FiniteNumber(.infinity), FiniteNumber(.nan)]
    let data = try JSONEncoder().encode(numbers)
    #expect(String(decoding: data, as: UTF8.self) == "[1.5,null,null]")
    let back = try JSONDecoder().decode([FiniteNumber].self, from: data)
    #expect(back.map(\.finite) == [1.5, nil, nil])
  }
}
