import Matching
import ModelGraph
import Support
import Testing

@Suite("Permutation files") struct PermutationDocumentTests {
  private let groups = Architecture.residual.groups(width: 9)

  private func document(_ permutations: [[Int]]) -> PermutationDocument {
    PermutationDocument(
      permutations, of: groups, fingerprint: "f00d", method: "weights", seed: 7,
      objective: (12.5, .nan))
  }

  @Test("what is written is read")
  func roundTrip() throws {
    let permutations = Permuting.random(for: groups, seed: 3)
    let written = document(permutations)
    let read = try PermutationDocument(parsing: written.encoded())
    #expect(read == written)
    #expect(read.objective.before == 12.5 && read.objective.after == nil && read.seed == 7)
    #expect(try read.permutations(for: groups, fingerprint: "f00d") == permutations)
  }

  @Test("groups are found by tensors, else by names, else by place")
  func order() throws {
    let permutations = Permuting.random(for: groups, seed: 4)
    let read = document(permutations)
    let reversed = Array(groups.reversed())
    #expect(
      try read.permutations(for: reversed, fingerprint: "f00d") == permutations.reversed())
    let otherTensors = reversed.map { group in
      var group = group
      for index in group.members.indices { group.members[index].tensor += "_1" }
      return group
    }
    #expect(
      try read.permutations(for: otherTensors, fingerprint: "f00d") == permutations.reversed())
    let otherNames = groups.map { group in
      var group = group
      group.name += "_1"
      for index in group.members.indices { group.members[index].tensor += "_1" }
      return group
    }
    #expect(try read.permutations(for: otherNames, fingerprint: "f00d") == permutations)
  }

  @Test("scales are kept, in a newer version; found by tensors, else by names")
  func scales() throws {
    var written = document(Permuting.identity(for: groups))
    #expect(written.version == 1)
    func axis(_ name: String) -> [PermutationDocument.Axis] { [.init(tensor: name, axis: 1)] }
    written.scales = [
      .init(group: "one", factors: [0.1, 1.0 / 3], axes: axis("a") + axis("c")),
      .init(group: "two", factors: [20], axes: axis("b") + axis("c")),
    ]
    let read = try PermutationDocument(parsing: written.encoded())
    #expect(read == written && read.version == 2)
    #expect(
      try read.factors(for: [("x", axis("b")), ("y", axis("a"))]) == [[20], [0.1, 1.0 / 3]])
    #expect(try read.factors(for: [("two", axis("d")), ("one", [])]) == [[20], [0.1, 1.0 / 3]])
    #expect(throws: Diagnostic.self) { try read.factors(for: [("one", axis("a"))]) }
    #expect(try document(Permuting.identity(for: groups)).factors(for: []) == nil)
  }

  @Test("another architecture is refused")
  func otherArchitecture() throws {
    let read = document(Permuting.identity(for: groups))
    #expect(throws: Diagnostic.self) { try read.permutations(for: groups, fingerprint: "beef") }
    #expect(throws: Diagnostic.self) {
      try read.permutations(for: Array(groups.dropLast()), fingerprint: "f00d")
    }
    var wider = groups
    wider[0].size += 1
    #expect(throws: Diagnostic.self) { try read.permutations(for: wider, fingerprint: "f00d") }
  }

  @Test(
    "damaged and hostile documents are refused",
    arguments: [
      "", "[]", "{}", #"{"format":"wsl-permutation"}"#,
      #"{"format":"wsl-permutation","version":3,"fingerprint":"","groups":[]}"#,
      #"{"format":"wsl-permutation","version":1,"groups":[]}"#,
      #"{"format":"wsl-permutation","version":1,"fingerprint":"","groups":[{}]}"#,
    ]
      + ["[0,0]", "[0,2]", "[-1,0]", "[0.5,1]", "[0]", "[1,0,2]", "\"01\""].map {
        #"{"format":"wsl-permutation","version":1,"fingerprint":"","groups":"#
          + #"[{"group":"g","size":2,"permutation":\#($0)}]}"#
      }
      + [
        "{}", #"{"group":"g"}"#, #"{"group":"g","factors":[0]}"#, #"{"group":"g","factors":[-1]}"#,
        #"{"group":"g","factors":["1"]}"#, #"{"group":"g","factors":[1e999]}"#,
      ].map {
        #"{"format":"wsl-permutation","version":2,"fingerprint":"","groups":[],"scales":[\#($0)]}"#
      })
  func damaged(_ text: String) {
    #expect(throws: Diagnostic.self) { try PermutationDocument(parsing: Array(text.utf8)) }
  }
}
