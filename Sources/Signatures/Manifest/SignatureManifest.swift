import Foundation
import Support

/// What a signature is, beside its codes: one JSON text whose bytes are signed.
public struct SignatureManifest: Sendable, Hashable, Codable {
  /// The corruption against which the robust network was trained, as the user gave it.
  public struct Corruption: Sendable, Hashable, Codable {
    /// The name: `fog`.
    public var type: String
    /// The severity, 1 to 5.
    public var severity: Int?

    /// Makes a corruption.
    public init(type: String, severity: Int?) {
      self.type = type
      self.severity = severity
    }
  }

  /// How it was extracted.
  public struct Options: Sendable, Hashable, Codable {
    /// Which layers, as asked for.
    public var layers: String
    /// Whether the direction of standard training was projected out.
    public var projection: Bool
    /// The number of levels; nil for dense values.
    public var levels: Int?
    /// Whether parameters and statistics of normalisations are part of it.
    public var normalization: Bool
  }

  /// The SHA-256 of the three files, as `sha256sum` tells them.
  public struct Inputs: Sendable, Hashable, Codable {
    /// The network that both others start from.
    public var pretrained: String
    /// The one that was fine-tuned on clean data.
    public var standard: String
    /// The one that was fine-tuned on corrupted data.
    public var robust: String
  }

  /// The cosines with the pretrained network, over the kernels.
  public struct Ancestry: Sendable, Hashable, Codable {
    /// Of the standard network.
    public var standard: Float
    /// Of the robust network.
    public var robust: Float
  }

  /// The mark of such manifests.
  public var format = SignatureManifest.formatName
  /// The version of their layout.
  public var version = 1
  /// The name under which it stands in a stack.
  public var name: String
  /// What the robust network was trained against, if that is known.
  public var corruption: Corruption?
  /// What wrote it.
  public var tool: String
  /// The seed of the study.
  public var seed: UInt64
  /// The fingerprint of the architecture.
  public var architecture: String
  /// How it was extracted.
  public var options: Options
  /// From what.
  public var inputs: Inputs
  /// That the three networks are of one family.
  public var ancestry: Ancestry
  /// What it holds, tensor by tensor.
  @TensorTable public var tensors: [SignatureTensor]
  /// The number of bytes of codes and values.
  public var payloadByteCount: Int
  /// The SHA-256 of them, uncompressed.
  public var payload: String
  /// The identifier of the signature whose units were arranged anew to make this one; nil where it is as
  /// it was extracted.
  public var arrangedFrom: String?

  static let formatName = "wsl-rws"

  /// The JSON text; equal manifests make equal bytes.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(self)) } catch {
      throw Diagnostic(.failed, "the signature's manifest cannot be written as JSON")
    }
  }

  /// Reads a text and checks everything that it claims.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  init(parsing bytes: [UInt8]) throws {
    let decoder = JSONDecoder()
    guard let read = try? decoder.decode(SignatureManifest.self, from: Data(bytes)),
      read.format == SignatureManifest.formatName
    else {
      throw Diagnostic(
        .badData, "its manifest cannot be read", remedy: "the file is damaged: extract it again")
    }
    guard read.version == 1 else {
      throw Diagnostic(
        .badData, "it has version \(read.version), and this tool reads 1",
        remedy: "use a newer wsl")
    }
    guard read.payloadByteCount >= 0, Digest.isDigest(read.payload),
      Set(read.tensors.map(\.name)).count == read.tensors.count,
      read.arrangedFrom.map(Digest.isDigest) ?? true
    else { throw Diagnostic(.badData, "its manifest contradicts itself") }
    for tensor in read.tensors { try tensor.check(payloadByteCount: read.payloadByteCount) }
    self = read
  }

  init(
    name: String, corruption: Corruption?, tool: String, seed: UInt64, architecture: String,
    options: Options, inputs: Inputs, ancestry: Ancestry, tensors: [SignatureTensor],
    payloadByteCount: Int, payload: String
  ) {
    self.name = name
    self.corruption = corruption
    self.tool = tool
    self.seed = seed
    self.architecture = architecture
    self.options = options
    self.inputs = inputs
    self.ancestry = ancestry
    self.tensors = tensors
    self.payloadByteCount = payloadByteCount
    self.payload = payload
  }
}
