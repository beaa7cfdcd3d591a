import Catalogs
public import ModelGraph
import Support
import Tensors
public import WeightFiles

/// What patching a model comes to: everything is checked before anything is written.
public struct PatchPlan: Sendable {
  /// How a signature and a model are related.
  public enum Kinship: Sendable, Hashable {
    /// The model is the standard network of the signature, in the patched tensors.
    case base
    /// It descends from the same ancestor; the cosine with that.
    case relative(Double)
    /// Its units were lined up with the signature's.
    case aligned
  }

  /// The model.
  public let file: WeightFile
  /// The stack that is in it; nil where it was never patched.
  public let old: PatchStack?
  /// The signatures that will be in it, by name.
  public let entries: [PatchStack.Entry]
  /// The tensors that change, by name.
  public let tensors: [String]
  /// How the added signatures and the model are related, by name.
  public let kinship: [String: Kinship]
  /// How the tensors of the added signatures were found in the model, by the signatures' names; nothing of
  /// those whose tensors came named.
  public let pairing: [String: FilePairing.Reason]
  /// What a user should know, one line each.
  public let warnings: [String]

  /// The bytes of the tensors that change.
  public var changedByteCount: Int {
    tensors.reduce(0) { $0 + (file.catalog.tensor(named: $1)?.byteCount ?? 0) }
  }

  /// Checks changes of a model's stack.
  ///
  /// - Parameters:
  ///   - edits: applied in their order.
  ///   - architecture: of the model, where it is known already.
  /// - Throws: `Diagnostic`: `usage` where a name is in the stack already, or is not, or a strength
  ///   makes no sense; `badData` where a signature is for another architecture or for a network of
  ///   another ancestor, or the model's record is damaged.
  public init(_ file: WeightFile, edits: [PatchEdit], architecture: Architecture) throws {
    self.file = file
    old = try PatchStack.of(file)
    var entries = old?.entries ?? []
    var kinship: [String: Kinship] = [:]
    var pairing: [String: FilePairing.Reason] = [:]
    var warnings: [String] = []
    for edit in edits {
      try edit.check()
      switch edit {
      case .add(let signature, let alpha, let aligned):
        guard !entries.contains(where: { $0.name == signature.name }) else {
          throw Diagnostic(
            .usage, "a signature \(signature.name) is in the model already",
            at: [file.catalog.file],
            remedy:
              "change its strength with \(setting: .scale) \(signature.name)=…, or remove it first")
        }
        let targets = aligned == nil ? try architecture.targets(of: signature, in: file) : nil
        let names = aligned ?? targets?.names ?? []
        pairing[signature.name] = targets?.reason
        try PatchPlan.checkTypes(names, in: file)
        kinship[signature.name] =
          aligned == nil ? try PatchPlan.kinship(signature, file, names, old) : .aligned
        if signature.manifest.architecture != architecture.fingerprint {
          warnings.append(
            "\(signature.name) was extracted from another architecture, and only the tensors that "
              + "it patches are the same")
        }
        entries.append(
          PatchStack.Entry(
            signature: signature, alpha: alpha, tensors: names, isAligned: aligned != nil))
      case .remove(let name):
        entries.remove(at: try PatchPlan.index(of: name, in: entries, file))
      case .scale(let name, let alpha):
        entries[try PatchPlan.index(of: name, in: entries, file)].alpha = alpha
      }
    }
    for entry in entries where entry.alpha < 0 {
      guard entry.signature.manifest.tensors.allSatisfy(\.kind.isAdded) else {
        throw Diagnostic(
          .usage,
          "\(entry.name) takes over parameters of normalisations, and cannot be applied \(entry.alpha) times",
          remedy: "give a strength from 0 up, or extract with \(setting: .normalization) none")
      }
    }
    self.entries = entries.sorted { $0.name < $1.name }
    self.kinship = kinship
    self.pairing = pairing
    self.warnings = warnings
    tensors = Set(entries.flatMap(\.tensors) + (old?.tensors.map(\.name) ?? [])).sorted()
  }

  private static func index(
    of name: String, in entries: [PatchStack.Entry], _ file: WeightFile
  ) throws -> Int {
    if let index = entries.firstIndex(where: { $0.name == name }) { return index }
    let names = entries.map(\.name)
    throw Diagnostic(
      .usage, "there is no signature \(name) in it", at: [file.catalog.file],
      remedy: names.isEmpty
        ? "it is not patched" : "there are: \(names.sorted().joined(separator: ", "))")
  }

  private static func checkTypes(_ names: [String], in file: WeightFile) throws {
    for name in names {
      let entry = try file.entry(named: name)
      guard entry.elementType.isPatched else {
        throw Diagnostic(
          .badData, "its elements are \(entry.elementType.rawValue), and are not patched",
          at: [file.catalog.file, name])
      }
    }
  }

  /// How a model is related to a signature.
  private static func kinship(
    _ signature: Signature, _ file: WeightFile, _ names: [String], _ old: PatchStack?
  ) throws -> Kinship {
    let originals = Dictionary(
      (old?.tensors ?? []).map { ($0.name, $0.original) }, uniquingKeysWith: { first, _ in first })
    let cosine = try AncestorSample.cosine(of: signature, with: file, names: names)
    // The samples are a few bytes; digests, whole tensors, and are compared only where they are known.
    let isBase = zip(signature.manifest.tensors, names).allSatisfy { originals[$1] == $0.base }
    if isBase, !names.isEmpty { return .base }
    guard let cosine else { return .relative(0) }
    guard cosine >= AncestorSample.leastCosine else {
      let shown = (cosine * 1000).rounded() / 1000
      throw Diagnostic(
        .badData,
        "it does not descend from the network that the signature \(signature.name) starts from: the cosine of their weights is \(shown), and that of relatives is above \(AncestorSample.leastCosine)",
        at: [file.catalog.file],
        remedy:
          "\(setting: .align) STANDARD lines its units up with those of the signature's network first"
      )
    }
    return .relative(cosine)
  }
}

extension PatchStack {
  /// The stack of a patched model; nil where it has none.
  ///
  /// - Throws: `Diagnostic` of code `badData` where its record is damaged or names tensors that the
  ///   model has not.
  public static func of(_ file: WeightFile) throws -> PatchStack? {
    guard let record = try file.attachment() else { return nil }
    do {
      let stack = try PatchStack(parsing: record)
      for name in stack.tensors.map(\.name) { _ = try file.entry(named: name) }
      for entry in stack.entries {
        for (name, tensor) in zip(entry.tensors, entry.signature.manifest.tensors) {
          let there = try file.entry(named: name)
          guard there.shape == tensor.shape, there.elementType.isPatched else {
            throw UndoRecord.damaged
          }
        }
      }
      return stack
    } catch let error as Diagnostic {
      throw error.inside(file.catalog.file)
    }
  }
}
