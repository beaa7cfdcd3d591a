import ArgumentParser
import Catalogs
import Connectivity
import Matching
import ModelGraph
import Support
import WeightFiles
import Workbench

/// `wsl permute`: apply or undo a permutation that `wsl match` saved.
struct PermuteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "permute",
    abstract: "Permute a network's hidden units as a permutation file says.",
    discussion: """
      The permuted network computes the same function. Permuting and then permuting with --invert \
      gives every value back, bit for bit. Where `match --scale-units` saved scales with the \
      permutation, they are applied, too, and undone up to rounding; so are the signs and rotations of \
      `match --symmetries`. Examples:
        wsl match a.h5 b.h5 --save-permutation perm.json
        wsl permute b.h5 --with perm.json -o b-matched.h5
        wsl permute b-matched.h5 --with perm.json --invert -o b-again.h5
      """)

  @Argument(help: "The network whose units are permuted.", completion: .file())
  var file: String

  @Option(
    name: .customLong("with"), help: "The permutation file.",
    completion: .file(extensions: ["json"]))
  var permutation: String

  @Flag(help: "Undo the permutation instead.")
  var invert = false

  @Option(name: [.short, .long], help: "Where to write.", completion: .file())
  var output: String

  @OptionGroup(title: "The network") var stated: GraphOptions

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  mutating func validate() throws { file = part.path(file) }

  func run() async throws {
    try await OutputPath.check(
      output, copyOfModelAt: file, inputs: [file, permutation], overwrites: force)
    _ = try memory.limit()
    let document = try PermutationFile.read(permutation)
    let weights = try await WeightFile.open(file)
    try OutputPath.checkEnding(output, copyOf: weights.catalog)
    let located = try located(document, in: weights)
    let groups = located.groups
    let permutations = invert ? located.permutations.map(Permuting.inverse) : located.permutations
    if let transform = document.transform {
      try await GaugeFile.write(
        weights, invert ? transform.inverse : transform, to: output, overwrites: force)
    } else if let factors = located.factors {
      try await ScaledFile.write(
        weights, located.permutations, of: groups, factors: factors, of: located.scaleGroups,
        inverting: invert, to: output, overwrites: force)
    } else {
      try await PermutationFile.writePermuted(
        weights, permutations, of: groups, to: output, overwrites: force)
    }
    var result = PermuteResult(
      file: file, permutation: permutation, output: output, inverted: invert,
      groups: zip(groups, permutations).map { group, permutation in
        PermuteResult.Group(
          group: group.name, size: group.size,
          moved: permutation.enumerated().count { $0.offset != $0.element })
      }, scaled: located.factors?.joined().count,
      warnings: located.assumptions.map { "\(file): \($0.warning)" })
    result.changedTensors = document.transform?.tensors.count
    result.warnings += [weights.catalog.unreadNote("not permuted, and stay as they are")]
      .compactMap { $0 }
    shown.warn(result.warnings)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text)
    }
  }

  /// What a document says of a network: its permutations, in the order of the network's groups, and
  /// the factors of its scalable units.
  private struct Located {
    var assumptions: [Assumption]
    var groups: [PermutationGroup]
    var permutations: [[Int]]
    var scaleGroups: [ScaleGroup]
    var factors: [[Double]]?
  }

  private func located(
    _ document: PermutationDocument, in weights: WeightFile
  ) throws -> Located {
    do {
      let network = try ModelGraph(weights.catalog, statement: stated.statement)
      let groups = try network.permutationGroups()
      let permutations = try document.permutations(
        for: groups, fingerprint: network.fingerprint)
      if document.scales != nil { try network.requireStatedActivation() }
      let scaleGroups = document.scales == nil ? [] : network.scaleGroups(groups)
      return Located(
        assumptions: network.permutingAssumptions, groups: groups, permutations: permutations,
        scaleGroups: scaleGroups,
        factors: try document.factors(for: scaleGroups))
    } catch let error as Diagnostic {
      throw error.inside(file)
    }
  }
}
