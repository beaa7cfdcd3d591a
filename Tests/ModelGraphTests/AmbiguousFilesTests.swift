import Foundation
import ModelGraph
import Testing
import WeightFiles

/// The files of `Fixtures/ambiguous`, which `make_ambiguous.py` and `make_ambiguous_keras.py` made with
/// PyTorch and Keras: each fits a reading under which other units than its own would move.
///
/// Beside each stand the units that may move, traced through the network and proved by permuting them.
@Suite("Files whose names and shapes leave several readings")
struct AmbiguousFilesTests {
  struct Truth: Decodable, Sendable {
    struct Group: Decodable, Sendable {
      var size: Int
      var axes: Set<Axis>
    }
    var groups: [Group]
  }

  /// Unit i of a group stands at `first + step * i` of an axis.
  struct Axis: Decodable, Hashable, Sendable {
    var tensor: String
    var axis: Int
    var first: Int
    var step: Int

    init(tensor: String, axis: Int, first: Int, step: Int) {
      (self.tensor, self.axis, self.first, self.step) = (tensor, axis, first, step)
    }

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      tensor = try list.decode(String.self)
      axis = try list.decode(Int.self)
      first = try list.decode(Int.self)
      step = try list.decode(Int.self)
    }
  }

  /// Files that are in every name, shape and attribute those of a plain row, with the layers that the
  /// warning must name.
  static let rows = [
    "shortcut.pt.gz": ["fc2"], "twice.pt.gz": ["fc2"], "parallel.pt.gz": ["fc2", "fc3"],
    "heads.pt.gz": ["fc2", "fc3"], "keras3_shortcut.weights.h5": ["dense_1"],
  ]

  /// Networks that are not read, each with one line that says why.
  static let refused: Set<String> = [
    "googlenet.pt.gz", "keras3_subclassed.weights.h5", "keras2_add.h5", "keras2_concat.h5",
    "keras2_reverse.h5",
  ]

  static let files: [String] = ["torch", "keras"].flatMap { library in
    ((try? truths(library)) ?? [:]).keys.sorted().map { library == "torch" ? "\($0).pt.gz" : $0 }
  }

  static func truths(_ library: String) throws -> [String: Truth] {
    let path = "\(Fixture.folder)/ambiguous/\(library).json"
    return try JSONDecoder().decode(
      [String: Truth].self, from: Data(contentsOf: URL(filePath: path)))
  }

  @Test("there are files of both libraries")
  func complete() {
    #expect(Set(Self.files).isSuperset(of: Self.refused.union(Self.rows.keys)))
    #expect(Self.files.count == 32)
  }

  @Test("nothing moves but the network's own units, together", arguments: files)
  func groups(_ file: String) async throws {
    let catalog = try await WeightFile.open("\(Fixture.folder)/ambiguous/\(file)").catalog
    let graph: ModelGraph
    do {
      graph = try ModelGraph(catalog)
    } catch {
      #expect(Self.refused.contains(file), "\(error)")
      #expect(!"\(error)".contains("\n") && "\(error)".contains("'graph'"))
      return
    }
    #expect(!Self.refused.contains(file))
    let derived = try graph.permutationGroups().map { (size: $0.size, axes: axes(of: $0)) }
    if let layers = Self.rows[file] {
      let row = try #require(graph.permutingAssumptions.first)
      #expect(row.layers == layers && row.effect == .taken)
      #expect(row.statement.contains("shortcuts, branches, gates, or layers used twice"))
      return
    }
    let library = file.hasSuffix(".pt.gz") ? "torch" : "keras"
    let name = library == "torch" ? String(file.dropLast(".pt.gz".count)) : file
    let truth = try #require(try Self.truths(library)[name])
    for (group, own) in zip(derived, try graph.permutationGroups()) {
      // Whole groups of a grouped convolution: the tracer tries units alone.
      if own.members.contains(where: { $0.runs.contains { $0.width > 1 } }) { continue }
      let touched = truth.groups.filter { !$0.axes.isDisjoint(with: group.axes) }
      #expect(touched.allSatisfy { $0.size == group.size })
      #expect(touched.reduce(into: Set()) { $0.formUnion($1.axes) } == group.axes)
    }
  }

  private func axes(of group: PermutationGroup) -> Set<Axis> {
    var axes: Set<Axis> = []
    for member in group.members {
      for run in member.runs {
        for place in 0..<run.width {
          axes.insert(
            Axis(
              tensor: member.tensor, axis: member.axis, first: run.start + place, step: run.width))
        }
      }
    }
    return axes
  }
}
