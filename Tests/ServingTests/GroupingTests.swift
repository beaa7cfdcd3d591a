import Testing
import ZooIndex

@testable import Serving

@Suite("Groups of a column's values")
struct GroupingTests {
  @Test func fewValuesHaveAGroupEach() {
    let grouping = Grouping([.text("b"), .text("a"), .text("b"), .null])
    #expect(grouping.names == ["b", "a", "no value"] && grouping.places == [0, 1, 0, 2])
    let numbers = Grouping([.integer(64), .integer(8), .integer(64), .integer(16)])
    #expect(numbers.names == ["8", "16", "64"] && numbers.places == [2, 0, 2, 1])
  }

  @Test func ofManyTextsTheCommonestStay() {
    let values = (0..<20).flatMap { number in
      Array(repeating: IndexValue.text("t\(number)"), count: number < 3 ? 5 : 1)
    }
    let grouping = Grouping(values)
    #expect(grouping.names.count == Grouping.limit && grouping.names.last == "others")
    #expect(Set(grouping.names.prefix(3)) == ["t0", "t1", "t2"])
    #expect(grouping.places.allSatisfy { grouping.names.indices.contains($0) })
  }

  @Test func manyNumbersAreCutIntoRanges() {
    let grouping = Grouping((0..<100).map { .real(Double($0) / 10) } + [.null])
    #expect(grouping.names.first == "0 to below 2" && grouping.names.last == "no value")
    #expect(grouping.places[0] == 0 && grouping.places[19] == 0 && grouping.places[20] == 1)
    #expect(grouping.places[99] == 4 && grouping.places[100] == 5)
  }

  /// Nine in ten are the same: the ranges that are left still hold every number.
  @Test func equalNumbersStayTogether() {
    let grouping = Grouping(
      Array(repeating: .integer(0), count: 90) + (1...10).map { .integer($0) })
    #expect(Set(grouping.places.prefix(90)) == [0])
    #expect(grouping.places.allSatisfy { grouping.names.indices.contains($0) })
  }
}
