import Matching
import ModelGraph
import WeightFiles

/// Lines up the hidden units of B with those of A, and writes the permuted B: MatchTwoFiles A B OUT.
@main
enum MatchTwoFiles {
  static func main() async throws {
    let paths = CommandLine.arguments.dropFirst()
    guard paths.count == 3, let first = paths.first, let out = paths.last else {
      print("usage: MatchTwoFiles A B OUT")
      return
    }
    let a = try await WeightFile.open(first)
    let b = try await WeightFile.open(paths[2])
    let pair = try ModelPair(try ModelGraph(a.catalog), try ModelGraph(b.catalog))
    let weightsA = try a.read(pair.a.parameters.map(\.tensor))
    let weightsB = pair.alignedToA(try b.read(pair.b.parameters.map(\.tensor)))
    let result = try Matcher().match(
      weightsA, weightsB, graph: pair.body, groups: pair.groupsA)

    let moves = Permuting.moves(result.permutations, of: pair.groupsB)
    var replacements: [String: [UInt8]] = [:]
    for (name, moves) in moves {
      let entry = try b.entry(named: name)
      replacements[name] = try Permuting.applyBytes(
        try b.readBytes(entry), shape: entry.shape,
        elementSize: entry.byteCount / max(1, entry.elementCount), moves: moves)
    }
    try await b.writeCopy(to: out, replacing: replacements, overwrites: true)
    print("\(result.objectiveBefore) → \(result.objectiveAfter)")
  }
}
