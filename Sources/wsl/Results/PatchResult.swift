import Catalogs
import Reports
import Signatures
import Support
import Tensors
import WeightFiles
import Workbench

/// What `wsl patch` says.
struct PatchResult: Encodable {
  struct Entry: Encodable {
    var name: String
    var alpha: Double
    var corruption: SignatureManifest.Corruption?
    var identifier: String
    var tensors: Int
    var aligned: Bool
    /// The identifier of the signature that this one was lined up from; null where it is as extracted.
    var arrangedFrom: String?
    /// The given key, where its owner signed it: verified.
    var signedBy: String?
    /// The key that is said to have signed it, where that was not verified.
    var claimedSigner: String?
    /// Of one that was just added: `base`, `relative` or `aligned`.
    var relation: String?
    /// Of a relative: the cosine of the model with the signature's ancestor.
    var cosine: FiniteNumber?
  }

  struct Tensor: Encodable {
    var name: String
    var elements: Int?
    var dtype: String?
    /// The SHA-256 before any patch.
    var original: String?
    /// The XXH3 checksum as it is now, of one that is patched; `inspect --checksums` tells the same.
    var patched: String?
  }

  struct Alignment: Encodable {
    var reference: String
    var objective: [FiniteNumber]
  }

  var file: String
  var output: String?
  /// The file beside the output that takes its patches off again; nil where that is in the output.
  var record: String?
  var dryRun: Bool
  var stack: [Entry]
  var removed: [String]
  var tensors: [Tensor]
  var changedBytes: Int
  /// The residues that give the original back.
  var undoBytes: Int?
  var alignment: Alignment?
  var seconds: Double?
  /// How the tensors of the added signatures were found, one a signature; with `--align`, how the two
  /// networks were laid side by side.
  var pairing: [PairingRow]
  var warnings: [String]
}

extension PatchResult {
  /// What is in a model.
  ///
  /// - Parameter key: a public key whose owner's signatures are verified.
  init(listing stack: PatchStack?, file: String, key: SigningKey?) throws {
    self.file = file
    dryRun = false
    self.stack = try stack?.entries.map { try Entry($0, key: key) } ?? []
    removed = []
    tensors = stack?.tensors.map(Tensor.init) ?? []
    changedBytes = 0
    undoBytes = stack?.undoByteCount ?? 0
    pairing = []
    warnings = []
  }

  /// What was done, or would be.
  init(
    _ plan: PatchPlan, stack: PatchStack?, originals: [String: String], output: String?,
    removed: [String], alignment: PatchAlignment?, key: SigningKey?, seconds: Double
  ) throws {
    file = plan.file.catalog.file
    self.output = output
    if let output, !plan.entries.isEmpty,
      WeightFile.keepsAttachmentBeside(plan.file.catalog.format)
    {
      record = plan.file.sidecarPath(ofCopyAt: output)
    }
    dryRun = output == nil
    self.removed = removed
    self.stack = try plan.entries.map { entry in
      var row = try Entry(entry, key: key)
      let isBase = zip(entry.tensors, entry.signature.manifest.tensors).allSatisfy {
        originals[$0] == $1.base
      }
      switch plan.kinship[entry.name] {
      case .base: row.relation = "base"
      case .relative(let cosine):
        row.relation = isBase ? "base" : "relative"
        row.cosine = FiniteNumber(cosine)
      case .aligned: row.relation = "aligned"
      case nil: break
      }
      return row
    }
    let digests = Dictionary(
      (stack?.tensors ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let old = Dictionary(
      (plan.old?.tensors ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    tensors = NaturalOrder.sorted(plan.tensors).map { name in
      let entry = plan.file.catalog.tensor(named: name)
      // What no signature touches any more is its original again, which was checked.
      let original = digests[name]?.original ?? old[name]?.original ?? originals[name]
      return Tensor(
        name: name, elements: entry?.elementCount, dtype: entry?.elementType.rawValue,
        original: original,
        patched: output == nil ? nil : digests[name]?.patched)
    }
    changedBytes = plan.changedByteCount
    undoBytes = output == nil ? nil : stack?.undoByteCount ?? 0
    self.alignment = alignment.map {
      Alignment(
        reference: $0.reference,
        objective: [FiniteNumber($0.objective.before), FiniteNumber($0.objective.after)])
    }
    self.seconds = seconds
    pairing = plan.entries.compactMap { entry in
      plan.pairing[entry.name].map { PairingRow(entry.tensors.count, by: $0, with: entry.name) }
    }
    warnings =
      plan.warnings + (alignment?.assumptions.map(\.warning) ?? [])
      + [plan.file.catalog.unreadNote("not patched, and stay as they are")].compactMap { $0 }
    if let alignment {
      pairing.append(PairingRow(alignment.pair.pair, with: file))
      warnings += alignment.pair.headWarnings
    }
  }
}

extension PatchResult.Entry {
  init(_ entry: PatchStack.Entry, key: SigningKey?) throws {
    name = entry.name
    alpha = entry.alpha
    corruption = entry.signature.manifest.corruption
    identifier = entry.signature.identifier
    tensors = entry.tensors.count
    aligned = entry.isAligned
    arrangedFrom = entry.signature.manifest.arrangedFrom
    if let key, try entry.signature.isSealed(by: key) {
      signedBy = key.publicText
    } else {
      claimedSigner = entry.signature.seal?.keyText
    }
  }
}

extension PatchResult.Tensor {
  init(_ tensor: PatchStack.Tensor) {
    name = tensor.name
    original = tensor.original
    patched = tensor.patched
  }
}
