import Catalogs
import Foundation
public import LinearAlgebra
import Support
import Tensors
import WeightFiles

/// A trained probe as one HDF5 file: numbers as data sets, each one run of bytes, and a data set
/// `manifest` of JSON. Reading one runs nothing.
public struct ProbeFile: Sendable {
  /// What it says of itself.
  public var manifest: ProbeManifest
  /// What predicts.
  public var probe: KeptProbe
  /// The centres of the trees that it knows, a row each; as long as the layer has elements.
  public var centres: Matrix<Float>?
  /// What its network sees of the models that it learned from, a row each; nil where it has none.
  public var known: Matrix<Float>?
  /// The networks that models are lined up with before they are read; empty where they are read as they are.
  public var roots: [ProbeRoot]

  static let format = "wsl-probe/1"
  private static let manifestLimit = 64 << 20

  /// Makes a file of a probe.
  public init(
    manifest: ProbeManifest, probe: KeptProbe, centres: Matrix<Float>? = nil,
    known: Matrix<Float>? = nil, roots: [ProbeRoot] = []
  ) {
    self.manifest = manifest
    self.probe = probe
    self.centres = centres
    self.known = known
    self.roots = roots
  }

  /// Writes the file.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  public func write(to path: String, overwrites: Bool) throws {
    var manifest = manifest
    var document = HDF5Document()
    var prefix = ""
    func add(_ name: String, _ shape: [Int], _ values: [Double]) {
      let bytes = values.flatMap { value in
        withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
      }
      document.datasets.append(
        .init(name: prefix + name, shape: shape, elementType: .float64, bytes: bytes))
    }
    func add(_ name: String, _ matrix: Matrix<Float>) {
      document.add(
        prefix + name, Tensor(shape: [matrix.rows, matrix.columns], values: matrix.values))
    }
    func store(_ probe: KeptProbe) {
      switch probe {
      case .network(let network, let mean, let deviation, let texts):
        let shape = network.shape
        manifest.sizes = [shape.probeCount, shape.projectionCount, shape.representationCount]
        manifest.branches = shape.branches.map(\.rawValue)
        (manifest.standardises, manifest.rectifies) = (shape.standardises, shape.rectifies)
        (manifest.mean, manifest.deviation) = (mean, deviation)
        if case .aligned(let width) = shape.head { manifest.textWidth = width }
        for block in shape.blocks {
          document.add(
            prefix + "network/" + block.name,
            Tensor(shape: block.shape, values: Array(network.parameters[block.range])))
        }
        if let texts { add("texts", texts) }
      case .dense(let weights, let bias, _, _):
        add("weights", weights)
        add("bias", [bias.count], bias)
      case .numbers(let ridge, _):
        add("means", [ridge.means.count], ridge.means)
        add("factors", [ridge.factors.count], ridge.factors)
        add("weights", [ridge.weights.rows, ridge.weights.columns], ridge.weights.values)
        add("bias", [ridge.bias.count], ridge.bias)
      case .constant(let scores):
        add("scores", [scores.count], scores)
      case .routed(let routed):
        let all =
          routed.experts.indices.compactMap { tree in
            routed.experts[tree].map { (tree: Int?.some(tree), probe: $0) }
          } + (routed.general.map { [(tree: nil, probe: $0)] } ?? [])
        manifest.experts = all.enumerated().map { number, one in
          prefix = "experts/\(number)/"
          store(one.probe)
          var expert = ProbeManifest.Expert(tree: one.tree)
          if case .network = one.probe {
            (expert.sizes, expert.mean, expert.deviation) = (
              manifest.sizes, manifest.mean, manifest.deviation
            )
          }
          return expert
        }
        prefix = ""
      }
    }
    store(probe)
    if let centres { add("centres", centres) }
    if let known { add("known", known) }
    manifest.roots = roots.isEmpty ? nil : roots.map(\.manifest)
    document.add(roots)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = Array(try encoder.encode(manifest))
    document.datasets.append(
      .init(name: "manifest", shape: [text.count], elementType: .uint8, bytes: text))
    document.attributes[""] = ["format": .string(ProbeFile.format)]
    try document.write(to: path, compression: .none, overwrites: overwrites)
  }

  /// Reads a file and checks everything that it says against what it holds.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is none, `badData` where it is damaged or no probe.
  public static func read(_ path: String) async throws -> ProbeFile {
    let file = try await WeightFile.open(
      path, as: "probe", remedy: "\(action: .probeTrain) makes one")
    do {
      guard let format = file.catalog.text("format"), format.hasPrefix("wsl-probe/") else {
        throw Diagnostic(
          .badData, "this is no probe", remedy: "\(action: .probeTrain) makes one")
      }
      guard format == ProbeFile.format else {
        throw Diagnostic(
          .badData, "it has the format \(format.prefix(20)), and this tool reads \(Self.format)",
          remedy: "use a newer wsl")
      }
      let entry = try file.entry(named: "manifest")
      guard entry.elementType == .uint8, entry.byteCount <= manifestLimit else {
        throw Diagnostic(.badData, "it is no list of bytes", at: ["manifest"])
      }
      let reader = ProbeFileReader(file)
      let manifest: ProbeManifest
      do {
        manifest = try JSONDecoder().decode(
          ProbeManifest.self, from: Data(try reader.bytes("manifest", .uint8)))
      } catch is DecodingError {
        throw Diagnostic(.badData, "it does not say what the probe reads", at: ["manifest"])
      }
      return try reader.probe(manifest)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }
}
