import Testing

@testable import Serving

@Suite("The address of a table")
struct TableStateTests {
  @Test(
    "says all that is shown, and no more",
    arguments: [
      ("/", "/"), ("/?page=1&size=50", "/"), ("/?where=seed%20%3E%201", "/?where=seed%20%3E%201"),
      ("/?sort=-seed&page=3", "/?sort=-seed&page=3"),
      ("/?column=name&column=seed&column=name", "/?column=name%2Cseed"),
      ("/?column=name,seed", "/?column=name%2Cseed"),
      ("/?model=a%2Cb&model=c&model=c", "/?model=a%2Cb&model=c"),
      ("/?page=-3&size=x", "/"), ("/?page=99999999999999999999", "/"), ("/?size=0", "/?size=1"),
      ("/?size=1000000", "/?size=500"), ("/?unknown=1", "/"),
    ])
  func roundTrip(_ given: String, _ expected: String) {
    let state = TableState(Request(given).query)
    #expect(state.query.address("/") == expected)
    #expect(TableState(state.query).query.address("/") == expected)
  }

  @Test func sortingTurns() {
    let state = TableState(Request("/?sort=seed&page=4").query)
    #expect(state.sorted(by: "seed").query.address("/") == "/?sort=-seed")
    #expect(state.sorted(by: "name").query.address("/") == "/?sort=name")
    #expect(state.on(page: 2).query.address("/") == "/?sort=seed&page=2")
  }
}
