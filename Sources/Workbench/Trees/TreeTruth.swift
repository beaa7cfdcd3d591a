import Foundation
import Probes
import Support
import WeightFiles

/// Who descends from whom, as someone knows it: a table `child,parent` with a heading, or what the files
/// themselves say.
public struct TreeTruth: Sendable {
  /// The parent of each child, by name or file.
  private let parents: [String: String]

  /// What is found beside what is true.
  public struct Accuracy: Sendable, Hashable, Encodable {
    /// The share of true edges between models of the index that were found, direction included.
    public var edges: Double
    /// The share of pairs of models of which it was rightly said whether they are of one tree.
    public var trees: Double
    /// How many true edges there are between models of the index.
    public var knownEdges: Int
  }

  /// Takes the parents that files name.
  public init(documented trees: ModelTrees) {
    parents = Dictionary(
      zip(trees.files, trees.documented).compactMap { child, parent in
        parent.map { (child, $0) }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Reads a table: comma-separated, the first line names the columns, among them child and parent.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is no such file, `badData` for anything else.
  public init(contentsOf path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Diagnostic(.noInput, "it cannot be read as text", at: [path])
    }
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: CharacterSet(charactersIn: " \"\t"))
      }
    }
    guard let heading = lines.first?.map({ $0.lowercased() }),
      let child = heading.firstIndex(of: "child"), let parent = heading.firstIndex(of: "parent")
    else {
      throw Diagnostic(
        .badData, "its first line does not name the columns child and parent", at: [path])
    }
    var found: [String: String] = [:]
    for (number, line) in lines.enumerated().dropFirst() {
      guard line.count > max(child, parent) else {
        throw Diagnostic(.badData, "the line has too few cells", at: [path, "line \(number + 1)"])
      }
      if !line[parent].isEmpty { found[line[child]] = line[parent] }
    }
    parents = found
  }

  /// Compares.
  ///
  /// - Returns: nil where nothing is known of the models.
  public func accuracy(of trees: ModelTrees) -> Accuracy? {
    var places: [String: Int] = [:]
    for (place, (file, name)) in zip(trees.files, trees.names).enumerated() {
      for key in [file, name, (file as NSString).lastPathComponent] where places[key] == nil {
        places[key] = place
      }
    }
    var truth: [Int: Int] = [:]
    var families = Families(trees.files)
    for (child, parent) in parents {
      guard let one = places[child] else { continue }
      if let other = places[parent] {
        truth[one] = other
        families.join(trees.files[one], trees.files[other])
      } else {
        families.join(trees.files[one], "\u{0}" + parent, adds: true)
      }
    }
    guard !truth.isEmpty else { return nil }
    let found = Dictionary(
      trees.edges.map { ($0.child, $0.parent) }, uniquingKeysWith: { first, _ in first })
    let right = truth.count { found[$0.key] == $0.value }
    let roots = trees.files.map { families.root(of: $0) }
    let groups = trees.groups
    var (same, pairs) = (0, 0)
    for one in roots.indices {
      for other in 0..<one {
        pairs += 1
        if (roots[one] == roots[other]) == (groups[one] == groups[other]) { same += 1 }
      }
    }
    return Accuracy(
      edges: Double(right) / Double(truth.count), trees: Double(same) / Double(max(1, pairs)),
      knownEdges: truth.count)
  }
}
