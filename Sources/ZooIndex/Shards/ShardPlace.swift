import Foundation
import Support

/// Which part of how many.
public struct ShardPlace: Sendable, Hashable {
  /// The part, from 0.
  public var number: Int
  /// How many parts there are.
  public var count: Int

  /// A part; numbers count from 0 or from 1: of N parts, N is 0.
  ///
  /// - Throws: `Diagnostic` of code `usage` where there is no such part.
  public init(number: Int, of count: Int) throws {
    guard (1...100_000).contains(count), (0...count).contains(number) else {
      throw Diagnostic(
        .usage, "there is no part \(number) of \(count)",
        remedy: "for example: \(setting: .shard) 1/8")
    }
    self.number = number % count
    self.count = count
  }

  /// Reads `K/N`; without it, what the scheduler says: of Slurm's job arrays, of Open MPI, of others
  /// that launch for MPI.
  public init(_ text: String?) throws {
    let environment = ProcessInfo.processInfo.environment
    if let text {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]) else {
        throw Diagnostic(
          .usage, "'\(text)' is no part", remedy: "for example: \(setting: .shard) 1/8")
      }
      try self.init(number: number, of: count)
      return
    }
    func value(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    if let task = value("SLURM_ARRAY_TASK_ID"), let count = value("SLURM_ARRAY_TASK_COUNT") {
      try self.init(number: task - (value("SLURM_ARRAY_TASK_MIN") ?? 0), of: count)
      return
    }
    for (rank, size) in [
      ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("PMI_RANK", "PMI_SIZE"),
    ] {
      if let number = value(rank), let count = value(size) {
        try self.init(number: number, of: count)
        return
      }
    }
    throw Diagnostic(
      .usage, "no scheduler says which part this is", remedy: "say it: \(setting: .shard) K/N")
  }

  /// The models of this part: the largest go first, each to the part that has least to do.
  ///
  /// - Parameter models: identifiers and sizes, the largest first, then by name.
  /// - Complexity: O(models · log(parts)).
  func take(from models: [(id: Int64, byteCount: Int)]) -> [Int64] {
    // A heap of the parts by what they have, the number of the part deciding between equals.
    var heap = (0..<count).map { (load: 0, part: $0) }
    func isLess(_ a: (load: Int, part: Int), _ b: (load: Int, part: Int)) -> Bool {
      (a.load, a.part) < (b.load, b.part)
    }
    var taken: [Int64] = []
    for model in models {
      if heap[0].part == number { taken.append(model.id) }
      // Every model costs something beside its bytes.
      heap[0].load += model.byteCount + 4096
      var place = 0
      while true {
        let children = [2 * place + 1, 2 * place + 2].filter { $0 < count }
        guard let least = children.min(by: { isLess(heap[$0], heap[$1]) }),
          isLess(heap[least], heap[place])
        else { break }
        heap.swapAt(least, place)
        place = least
      }
    }
    return taken
  }
}
