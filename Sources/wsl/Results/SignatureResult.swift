import Foundation
import ModelGraph
import Reports
import Signatures
import Support
import Workbench

/// What `wsl signature extract` and `info` say.
struct SignatureResult: Encodable {
  struct Tensor: Encodable {
    var name: String
    var kind: String
    var shape: [Int]
    var dtype: String
    /// Left out for dense values.
    var levels: Int?
    var zero: Int?
    var step: Float?
    var norm: FiniteNumber
    var relativeNorm: FiniteNumber?
    var cosine: FiniteNumber?
    /// The share of the energy that the projection took away.
    var removed: FiniteNumber?
    var sha256: String
  }

  struct Seal: Encodable {
    var algorithm = "Ed25519"
    var publicKey: String
    /// Whether that was verified; where not, it is what the file says.
    var verified: Bool
  }

  struct Automatic: Encodable {
    var count: Int
    /// Without a patch, then with the first 1, 2, … layers.
    var robustAccuracy: [Double]
    var allLayers: Double
  }

  var file: String
  var name: String
  var identifier: String
  var corruption: SignatureManifest.Corruption?
  var architecture: String
  var layers: String
  var projection: Bool
  var levels: Int?
  var bytes: Int
  /// The bytes of the elements that it covers, in Float32.
  var denseBytes: Int
  var elements: Int
  var inputs: SignatureManifest.Inputs
  var ancestry: SignatureManifest.Ancestry
  var seed: UInt64
  var tool: String
  var signed: Seal?
  var automatic: Automatic?
  /// Whether it changes no weight of a layer.
  var addsNothing: Bool
  /// Which ways the networks went from the pretrained one, over the kernels; of one that was just
  /// extracted.
  var directions: Directions?
  var tensors: [Tensor]
  var normalization: NormalizationRecord?
  /// How the standard and the robust network were laid beside the pretrained one; nil where a signature
  /// is shown.
  var pairing: [PairingRow]?
  var warnings: [String]

  struct Directions: Encodable {
    /// The cosine of the two ways; null where one has no length.
    @OrNull var cosine: FiniteNumber?
    /// How far the standard and the robust network went, over the norm of the pretrained one.
    var standard: FiniteNumber
    var robust: FiniteNumber
  }
}

extension SignatureResult {
  /// - Parameters:
  ///   - isOwn: whether it was signed here.
  ///   - directions: which ways the networks went, of one that was just extracted.
  init(
    _ signature: Signature, file: String, choice: AutomaticLayers.Choice? = nil,
    isOwn: Bool = false,
    directions: FineTuneDirections? = nil
  ) throws {
    let manifest = signature.manifest
    self.file = file
    name = manifest.name
    identifier = signature.identifier
    corruption = manifest.corruption
    architecture = manifest.architecture
    layers = manifest.options.layers
    projection = manifest.options.projection
    levels = manifest.options.levels
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    bytes = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    elements = manifest.tensors.reduce(0) { $0 + $1.elementCount }
    denseBytes = 4 * elements
    inputs = manifest.inputs
    ancestry = manifest.ancestry
    seed = manifest.seed
    tool = manifest.tool
    signed = signature.seal.map { Seal(publicKey: $0.keyText, verified: isOwn) }
    automatic = choice.map {
      Automatic(count: $0.count, robustAccuracy: $0.measures, allLayers: $0.all)
    }
    tensors = manifest.tensors.map { tensor in
      Tensor(
        name: tensor.name, kind: tensor.kind.rawValue, shape: tensor.shape, dtype: tensor.type,
        levels: tensor.grid?.levels, zero: tensor.grid?.zero, step: tensor.grid?.step,
        norm: FiniteNumber(Double(tensor.norm)),
        relativeNorm: tensor.relativeNorm.map { FiniteNumber(Double($0)) },
        cosine: tensor.cosine.map { FiniteNumber(Double($0)) },
        removed: tensor.removed.map { FiniteNumber(Double($0)) }, sha256: tensor.base)
    }
    self.directions = directions.map {
      Directions(
        cosine: $0.cosine.map(FiniteNumber.init), standard: FiniteNumber($0.standard),
        robust: FiniteNumber($0.robust))
    }
    let left = ResidueOfProjection(manifest, directions)
    addsNothing = left != .something
    warnings = left.sentence.map { [$0] } ?? []
  }

  /// Notes how the networks were laid side by side.
  mutating func take(_ pairings: [FilePairing], with files: [String]) {
    pairing = zip(pairings, files).map { PairingRow($0, with: $1) }
    for (pairing, file) in zip(pairings, files) {
      warnings += pairing.notes.map { "\(file): \($0)" }
    }
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([
      .text("tensor"), .text("kind"), .text("shape"), .number("levels"), .number("norm"),
      .number("relative"), .number("cos(d, a)"), .number("removed"),
    ])
    for tensor in tensors {
      table.add(
        tensor.name.escapingControlCharacters, tensor.kind, NumberFormat.shape(tensor.shape),
        tensor.levels.map(String.init) ?? "dense", figure(tensor.norm), figure(tensor.relativeNorm),
        figure(tensor.cosine),
        tensor.removed.map { NumberFormat.percent($0.value) } ?? "–")
    }
    let severity = corruption.map { $0.type + ($0.severity.map { ":\($0)" } ?? "") }
    var lines = [
      "\(name)\(severity.map { " (\($0))" } ?? ""): \(NumberFormat.grouped(elements)) weights of "
        + "architecture \(architecture), \(NumberFormat.bytes(bytes)) "
        + (bytes > denseBytes
          ? "(more than they take in Float32)"
          : "(1/\(denseBytes / max(1, bytes)) of them in Float32)")
    ]
    if let automatic {
      let figures = automatic.robustAccuracy.map { NumberFormat.percent($0) }
      lines.append(
        "\(automatic.count) layers reach 90 % of the gain: " + figures.joined(separator: " → ")
          + ", all \(NumberFormat.percent(automatic.allLayers))")
    }
    if let signed {
      lines.append(
        signed.verified
          ? "signed by \(signed.publicKey)"
          : "claims to be signed by \(signed.publicKey), not verified")
    }
    if let directions {
      let cosine = directions.cosine.map { NumberFormat.fixed($0.value, decimals: 2) } ?? "–"
      lines.append(
        "from the pretrained network the standard one went \(NumberFormat.percent(directions.standard.value)) "
          + "of its norm, the robust one \(NumberFormat.percent(directions.robust.value)); "
          + "the cosine of the two ways is \(cosine)")
    }
    for row in pairing ?? [] { lines.append("\(row.file): \(row.text)") }
    return lines.joined(separator: "\n").escapingLines + "\n\n" + table.text
  }

  private func figure(_ number: FiniteNumber?) -> String {
    number.map { NumberFormat.significant($0.value, digits: 3) } ?? "–"
  }
}

extension String {
  /// The lines with their control characters shown.
  fileprivate var escapingLines: String {
    split(separator: "\n").map { String($0).escapingControlCharacters }.joined(separator: "\n")
  }
}

extension SignatureResult: TabularResult {
  /// A row a tensor.
  var table: ResultTable {
    ResultTable(
      [
        "name", "kind", "shape", "dtype", "levels", "norm", "relativeNorm", "cosine", "removed",
        "sha256",
      ],
      tensors.map { tensor in
        [
          .text(tensor.name), .text(tensor.kind), .shape(tensor.shape), .text(tensor.dtype),
          tensor.levels.map { .count($0) } ?? .nothing, .number(tensor.norm),
          .number(tensor.relativeNorm), .number(tensor.cosine), .number(tensor.removed),
          .text(tensor.sha256),
        ]
      })
  }
}
