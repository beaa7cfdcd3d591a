import Catalogs
import Matching
import ModelGraph
import Support
import Tensors
import WeightFiles

/// What `wsl inspect` says of one file.
struct InspectResult: Encodable {
  struct TensorRow: Encodable {
    var name: String
    var shape: [Int]
    var dtype: String
    var bytes: Int
    var layout: String
    var filters: [String]
    /// Of the decoded elements; only where it was asked for.
    var checksum: String?
    /// Why it cannot be read, where that was found out.
    var damage: String?
    /// Why it was not read, though nothing is wrong with it: an unknown filter, a limit on memory.
    var unread: String?
  }

  struct LayerRow: Encodable {
    var name: String
    var type: String
    var inputs: [String]
    var parameters: Int
    var tensors: [String]
    var outputShape: [Int?]
  }

  /// What the file does not say, as data.
  struct AssumptionRow: Encodable {
    var subject: String
    var effect: String
    var statement: String
    var layers: [String]
    var tensors: [String]
    var alternatives: [String]
    var settledBy: [String]
  }

  struct Architecture: Encodable {
    var source: String
    var certainty: String
    var fingerprint: String
    var assumptions: [String]
    var assumptionDetails: [AssumptionRow]
    var layers: [LayerRow]
  }

  struct Axis: Encodable {
    var tensor: String
    var axis: Int
  }

  struct Symmetry: Encodable {
    /// A slice of an axis: so many units, each of `length` entries, `stride` from one to the next.
    struct Slice: Encodable {
      var tensor: String
      var axis: Int
      var offset: Int
      var length: Int
      @OrNull var stride: Int?
      var units: Int
      var role: String
    }

    var group: String
    var size: Int
    var axes: [Axis]
    /// The largest kind of change that is exact.
    var kind: String
    /// Why it is no larger one.
    @OrNull var reason: String?
    var slices: [Slice]
  }

  /// What running the permuted network showed.
  struct Check: Encodable {
    struct Group: Encodable {
      var group: String
      var difference: FiniteNumber
      var holds: Bool
      /// What was changed at random, where it is more than the order of units.
      var kind: String?
    }

    /// How sure the graph is that was run: a proof of a guess proves the guess.
    var certainty: String
    var groups: [Group]
    /// The groups with more than orders, each changed by a random element of the whole group, and all of
    /// them; empty where there are none.
    var elements: [Group]
    var allGroups: FiniteNumber
    var tolerance: Double
    var seed: UInt64
    var holds: Bool
  }

  var file: String
  var format: String
  @OrNull var producer: String?
  var parameters: Int
  var bytes: Int
  var tensors: [TensorRow]
  /// The tensors of the model, with those that are not read.
  var tensorCount: Int
  @OrNull var architecture: Architecture?
  var symmetries: [Symmetry]
  var check: Check?
  var skipped: [Catalog.Skipped]
  var warnings: [String]
  /// The names of what is left alone because the architecture is not understood.
  var leftByGraph: Set<String> = []

  private enum CodingKeys: CodingKey {
    case file, format, producer, parameters, bytes, tensors, tensorCount, architecture, symmetries
    case check, skipped, warnings
  }
}

extension InspectResult {
  /// Gathers what a catalogue tells. A file whose architecture is not understood still has its
  /// tensors; the reason is among the warnings.
  ///
  /// - Throws: `Diagnostic` where a description was given that is none of this network.
  init(_ catalog: Catalog, statement: GraphStatement) throws {
    file = catalog.file
    format = catalog.format.rawValue
    producer = catalog.producer
    bytes = catalog.byteCount
    tensors = Self.listed(catalog).map(TensorRow.init)
    tensorCount = tensors.count + catalog.unreadTensors.count
    skipped = catalog.skipped
    architecture = nil
    symmetries = []
    warnings = []
    parameters = catalog.tensors.reduce(0) {
      $0 + ($1.elementType.isFloatingPoint ? $1.elementCount : 0)
    }
    do {
      let graph = try ModelGraph(catalog, statement: statement)
      architecture = Architecture(
        source: graph.source, certainty: graph.certainty.rawValue, fingerprint: graph.fingerprint,
        assumptions: graph.assumptions.map(\.statement),
        assumptionDetails: graph.assumptions.map(AssumptionRow.init),
        layers: graph.layers.map { LayerRow($0, in: graph) })
      parameters = graph.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
      skipped += graph.skipped + graph.heldReasons
      symmetries = try zip(graph.permutationGroups(), graph.symmetries().groups)
        .map(Symmetry.init)
    } catch let error as Diagnostic where statement.file == nil && statement.family == nil {
      warnings.append(error.inside(catalog.file).description)
      leftByGraph = Set(catalog.tensors.map(\.name))
      skipped += catalog.tensors.map {
        .init(name: $0.name, reason: "the architecture is not understood: \(error.message)")
      }
    }
  }
}

extension InspectResult {
  /// Runs the network with each group permuted, and notes what changed.
  mutating func prove(_ file: WeightFile, statement: GraphStatement, seed: UInt64) throws {
    do {
      let graph = try ModelGraph(file.catalog, statement: statement)
      let weights = try file.read(graph.parameters.map(\.tensor))
      let elements = try SymmetryCheck.elements(graph, weights: weights, seed: seed)
      let proof = try SymmetryCheck(
        graph, weights: weights, groups: graph.permutationGroups(), seed: seed)
      check = Check(
        certainty: graph.certainty.rawValue,
        groups: proof.groups.map {
          Check.Group(
            group: $0.name, difference: FiniteNumber($0.difference), holds: $0.isSymmetry)
        },
        elements: elements.map {
          Check.Group(
            group: $0.group.name, difference: FiniteNumber($0.group.difference),
            holds: $0.group.isSymmetry, kind: $0.kind.rawValue)
        },
        allGroups: FiniteNumber(proof.all.difference), tolerance: SymmetryCheck.tolerance,
        seed: seed, holds: proof.holds && elements.allSatisfy(\.group.isSymmetry))
    } catch let error as Diagnostic {
      throw error.inside(file.catalog.file)
    }
  }
}

extension InspectResult {
  /// The tensors in the order in which they are listed.
  static func listed(_ catalog: Catalog) -> [TensorEntry] {
    NaturalOrder.listed(catalog.tensors, by: \.name)
  }
}

extension InspectResult.TensorRow {
  init(_ entry: TensorEntry) {
    name = entry.name
    shape = entry.shape
    dtype = entry.storedTypeName
    bytes = entry.unfilteredByteCount
    filters = entry.filters.map(\.name)
    switch entry.layout {
    case .contiguous: layout = "contiguous"
    case .chunked: layout = "chunked"
    case .inline: layout = "compact"
    case .unallocated: layout = "unallocated"
    case .strided: layout = "strided"
    case .quantised: layout = "quantised"
    case .deflated: layout = "deflated"
    case .negated: layout = "negated"
    }
  }
}

extension InspectResult.AssumptionRow {
  init(_ assumption: Assumption) {
    subject = assumption.subject.rawValue
    effect = assumption.effect.rawValue
    statement = assumption.statement
    layers = assumption.layers
    tensors = assumption.tensors
    alternatives = assumption.alternatives
    settledBy = assumption.settledBy.map(\.word)
  }
}

extension InspectResult.LayerRow {
  init(_ layer: Layer, in graph: ModelGraph) {
    name = layer.name
    type = layer.operation.name
    inputs = layer.inputs.map { graph.layers[$0].name }
    parameters = layer.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
    tensors = layer.parameters.map(\.tensor)
    outputShape = layer.outputShape
  }
}

extension InspectResult.Symmetry {
  init(_ group: PermutationGroup, _ symmetry: SymmetryGroup) {
    self.group = group.name
    size = group.size
    axes = group.members.map { InspectResult.Axis(tensor: $0.tensor, axis: $0.axis) }
    kind = symmetry.kind.rawValue
    reason = symmetry.reason
    slices = symmetry.slices.map {
      Slice(
        tensor: $0.tensor, axis: $0.axis, offset: $0.starts.first ?? 0, length: $0.width,
        stride: $0.stride, units: $0.starts.count, role: $0.role.rawValue)
    }
  }
}
