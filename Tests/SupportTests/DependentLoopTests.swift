import Support
import Synchronization
import Testing

@Suite("Loops over items that depend on others")
struct DependentLoopTests {
  private struct Failure: Error, Equatable { var index: Int }

  @Test("every item runs once, after the one it depends on", arguments: [1, 2, 8])
  func order(jobs: Int) throws {
    // Two chains, a star, and items on their own; children stand before their parents.
    let dependencies: [Int?] = [3, nil, 0, 1, 1, 1, nil, 2, 6, nil]
    let order = Mutex<[Int]>([])
    try Parallel.forEach(after: dependencies, jobs: jobs) { index in
      order.withLock { $0.append(index) }
    }
    let done = order.withLock { $0 }
    #expect(done.sorted() == Array(0..<10))
    for (index, dependency) in dependencies.enumerated() {
      guard let dependency else { continue }
      let (own, before) = (done.firstIndex(of: index), done.firstIndex(of: dependency))
      #expect((own ?? -1) > (before ?? .max))
    }
  }

  @Test("an error stops the loop, and nothing after it begins", arguments: [1, 2])
  func errors(jobs: Int) {
    let begun = Mutex<Set<Int>>([])
    #expect(throws: Failure(index: 1)) {
      try Parallel.forEach(after: [nil, 0, 1, 2], jobs: jobs) { index in
        begun.withLock { _ = $0.insert(index) }
        if index == 1 { throw Failure(index: 1) }
      }
    }
    #expect(begun.withLock { $0 } == [0, 1])
  }

  @Test("no items is no work") func empty() throws {
    try Parallel.forEach(after: []) { _ in Issue.record("there is no item") }
  }
}
