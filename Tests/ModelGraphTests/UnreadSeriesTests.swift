import Catalogs
import Testing
import WeightFiles
import Support

@testable import ModelGraph

/// Series of layers of which something is not read as numbers: what is read of them is still paired by its number.
@Suite("Series with unread members") struct UnreadSeriesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var unread: (a: [String], b: [String])
    var a: [String]
    var b: [String]
    var pairs: [String]
  }

  static let cases = [
    Case(
      testDescription: "the first of one file", unread: (["h.0.w"], []), a: ["h.1.w", "h.2.w"],
      b: ["h.0.w", "h.1.w", "h.2.w"], pairs: ["h.1.w h.1.w", "h.2.w h.2.w"]),
    Case(
      testDescription: "one in the middle of the other", unread: ([], ["h.1.w"]),
      a: ["h.0.w", "h.1.w", "h.2.w"], b: ["h.0.w", "h.2.w"], pairs: ["h.0.w h.0.w", "h.2.w h.2.w"]),
    Case(
      testDescription: "the same one of both", unread: (["h.0.w"], ["h.0.w"]), a: ["h.1.w"],
      b: ["h.1.w"], pairs: ["h.1.w h.1.w"]),
    Case(
      testDescription: "Keras's names", unread: (["dense/kernel"], []),
      a: ["dense_1/kernel", "dense_2/kernel"],
      b: ["dense/kernel", "dense_1/kernel", "dense_2/kernel"],
      pairs: ["dense_1/kernel dense_1/kernel", "dense_2/kernel dense_2/kernel"]),
    Case(
      testDescription: "another one of each: what is left over has its partner, which is not read",
      unread: (["h.0.w"], ["h.2.w"]), a: ["h.1.w", "h.2.w"], b: ["h.0.w", "h.1.w"],
      pairs: ["h.1.w h.1.w"]),
    Case(
      testDescription: "names without numbers", unread: (["query.w"], ["value.w"]),
      a: ["key.w", "value.w"], b: ["key.w", "query.w"], pairs: ["key.w key.w"]),
  ]

  @Test(arguments: cases)
  func pairs(_ test: Case) throws {
    func catalog(_ names: [String], _ unread: [String]) -> Catalog {
      var catalog = Catalog(names.map { ($0, [4, 4]) })
      catalog.skipped = unread.map {
        Catalog.Skipped(name: $0, reason: "complex numbers are not read", tensorCount: 1)
      }
      return catalog
    }
    let found = try FilePairing(
      catalog(test.a, test.unread.a), catalog(test.b, test.unread.b), graphs: (nil, nil))
    #expect(
      Set(found.pairs.map { "\(test.a[$0.first]) \(test.b[$0.second])" }) == Set(test.pairs))
  }
}
