import Archives
import Catalogs
import Foundation
public import Support
import Tensors
public import WeightFiles

/// Writes a zoo as one archive: an HDF5 file with two runs of bytes, the models' and a table of them.
///
/// Tensors of models that are near another model of the zoo are stored as integer differences from
/// it; every model can be read alone, and is restored byte for byte.
public struct ZooPacker: Sendable {
  /// A model to be packed.
  public struct Input: Sendable {
    /// Where it is.
    public var path: String
    /// What it is called in the archive.
    public var name: String

    /// Makes an input.
    public init(path: String, name: String) {
      self.path = path
      self.name = name
    }
  }

  /// The level of Zstandard.
  public var level: Int
  /// How many threads work; nil means one a processor. The bytes do not depend on it.
  public var jobs: Int?

  /// Makes a packer.
  public init(level: Int = 9, jobs: Int? = nil) {
    self.level = level
    self.jobs = jobs
  }

  /// How many models are in memory at once, with their parents.
  private static let batchCount = 32

  /// Packs models.
  ///
  /// - Parameters:
  ///   - inputs: the models, each name once.
  ///   - path: where to write.
  ///   - overwrites: whether a file that is already there may be replaced.
  /// - Returns: what the archive holds.
  /// - Throws: `Diagnostic` where a model is damaged or the archive cannot be written.
  public func pack(
    _ inputs: [Input], to path: String, overwrites: Bool, progress: ProgressHandler? = nil
  ) async throws -> [PackedMember] {
    var samples: [[String: FamilyTree.Sample]] = []
    for (index, input) in inputs.enumerated() {
      progress?(ProgressUpdate("comparing", completed: index, total: inputs.count))
      let taken = try await takeApart(input)
      samples.append(FamilyTree.samples(taken.pieces, taken.elements))
    }
    let tree = FamilyTree(samples)
    // The place of each model in the archive.
    let places = Dictionary(
      uniqueKeysWithValues: tree.order.enumerated().map { ($0.element.model, $0.offset) })
    let store = try ByteStore(beside: path)
    var index = PackedIndex()
    for start in stride(from: 0, to: tree.order.count, by: ZooPacker.batchCount) {
      try Task.checkCancellation()
      progress?(ProgressUpdate("packing", completed: start, total: inputs.count))
      let batch = tree.order[start..<min(tree.order.count, start + ZooPacker.batchCount)]
      var taken: [Int: TakenApart] = [:]
      for node in batch {
        for model in [node.model, node.parent].compactMap({ $0 }) where taken[model] == nil {
          taken[model] = try await takeApart(inputs[model])
        }
      }
      let nodes = Array(batch)
      let coded = try Parallel.map(count: nodes.count, jobs: jobs) { [taken] place in
        try code(nodes[place], taken)
      }
      for (node, coded) in zip(nodes, coded) {
        guard let own = taken[node.model] else { continue }
        let parent = node.parent.flatMap { places[$0] }
        index.members.append(
          try coded.stored(own, name: inputs[node.model].name, parent: parent, in: store))
      }
    }
    try write(index, store, to: path, overwrites: overwrites)
    return index.members
  }

  /// A model's file, taken apart.
  struct TakenApart: Sendable {
    var pieces: FilePieces
    var elements: [[UInt8]]
    var rest: [UInt8]
    var sha256: String
  }

  private func takeApart(_ input: Input) async throws -> TakenApart {
    let file = try await WeightFile.open(input.path)
    let sha256 = try FileHash.sha256(ofFile: input.path)
    let (pieces, elements, rest) = try FilePieces.takingApart(file)
    guard FileHash.sha256(of: try pieces.joined(elements, rest: rest)) == sha256 else {
      throw Diagnostic(
        .failed, "the file changed while it was read", at: [input.path], remedy: "try again")
    }
    return TakenApart(pieces: pieces, elements: elements, rest: rest, sha256: sha256)
  }

  private func code(
    _ node: (model: Int, parent: Int?), _ taken: [Int: TakenApart]
  ) throws -> CodedModel {
    guard let own = taken[node.model] else { throw Diagnostic(.failed, "a model is gone") }
    let parent = node.parent.flatMap { taken[$0] }
    let others = Dictionary(
      zip(parent?.pieces.pieces.map(\.key) ?? [], parent?.elements ?? []),
      uniquingKeysWith: { first, _ in first })
    let tensors = try zip(own.pieces.pieces, own.elements).map { piece, elements in
      let type = piece.elementType ?? .uint8
      return try TensorCoding.encode(
        elements, elementByteCount: type.byteCount, isFloatingPoint: type.isFloatingPoint,
        parent: others[piece.key], level: level)
    }
    let rest = try Zstandard.compress(own.rest, level: 19, after: parent?.rest ?? [])
    return CodedModel(tensors: tensors, rest: rest)
  }

  private func write(
    _ index: PackedIndex, _ store: ByteStore, to path: String, overwrites: Bool
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let table: [UInt8]
    do { table = Array(try encoder.encode(index)) } catch {
      throw Diagnostic(.failed, "the table cannot be encoded")
    }
    let packed = try Zstandard.compress(table, level: 19)
    var contents = ModelContents()
    try contents.add(PackedZoo.dataName, store)
    contents.add(PackedZoo.tableName, shape: [packed.count], as: .uint8) { packed }
    contents.attributes = [
      "": [
        "format": .string(Catalog.packedZooFormat),
        PackedZoo.tableByteCount: .numbers([Double(table.count)]),
      ]
    ]
    try contents.write(to: path, WritingOptions(overwrites: overwrites, jobs: jobs))
  }
}

/// A model in its stored form.
struct CodedModel: Sendable {
  var tensors: [(coding: TensorCoding, bytes: [UInt8])]
  var rest: [UInt8]

  /// Puts it into the archive.
  func stored(
    _ own: ZooPacker.TakenApart, name: String, parent: Int?, in store: ByteStore
  ) throws -> PackedMember {
    let places = try tensors.map { tensor in
      PackedMember.Stored(
        offset: try store.append(tensor.bytes), count: tensor.bytes.count, coding: tensor.coding)
    }
    return PackedMember(
      name: name, sha256: own.sha256, parent: parent, pieces: own.pieces, tensors: places,
      rest: PackedMember.Stored(offset: try store.append(rest), count: rest.count, coding: nil),
      restByteCount: own.rest.count)
  }
}
