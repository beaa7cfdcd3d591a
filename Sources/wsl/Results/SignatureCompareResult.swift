import Reports
import Signatures
import Support

/// What `wsl signature compare` says.
struct SignatureCompareResult: Encodable {
  struct Member: Encodable {
    var file: String
    var name: String
    var corruption: SignatureManifest.Corruption?
  }

  struct Neighbour: Encodable {
    var index: Int
    var name: String
    var file: String
    var cosine: Double
  }

  struct Tensor: Encodable {
    var tensor: String
    var cosine: [[FiniteNumber]]
  }

  var signatures: [Member]
  var cosine: [[FiniteNumber]]
  /// The nearest other signature of each; null where there is none.
  var nearest: [Neighbour?]
  var tensors: [Tensor]
  var warnings: [String]
}

extension SignatureCompareResult {
  init(_ comparison: SignatureComparison, _ found: [Signature], files: [String]) {
    signatures = zip(files, found).map { file, signature in
      Member(file: file, name: signature.name, corruption: signature.manifest.corruption)
    }
    cosine = comparison.cosines.map { $0.map(FiniteNumber.init) }
    nearest = comparison.nearest.map { near in
      near.map {
        Neighbour(
          index: $0.index, name: found[$0.index].name, file: files[$0.index], cosine: $0.cosine)
      }
    }
    tensors = comparison.tensors.map { tensor in
      Tensor(tensor: tensor.name, cosine: tensor.cosines.map { $0.map(FiniteNumber.init) })
    }
    warnings = []
    if !comparison.unshared.isEmpty {
      let shown = comparison.unshared.prefix(3).joined(separator: ", ")
      warnings.append(
        "not in all of them, and left out: \(shown)"
          + (comparison.unshared.count > 3 ? " and \(comparison.unshared.count - 3) more" : ""))
    }
  }

  /// The result for a person.
  var text: String {
    var table = TextTable(
      [.text("signature")] + signatures.indices.map { .number(String($0 + 1)) }
        + [.text("nearest"), .number("cosine")])
    for (index, member) in signatures.enumerated() {
      let near = nearest[index]
      table.add(
        ["\(index + 1) \(member.name)".escapingControlCharacters]
          + cosine[index].map { NumberFormat.fixed($0.value, decimals: 3) } + [
            (near?.name ?? "–").escapingControlCharacters,
            near.map { NumberFormat.fixed($0.cosine, decimals: 3) } ?? "–",
          ])
    }
    return table.text
  }
}

/// What `wsl signature verify` says.
struct SignatureVerification: Encodable {
  var file: String
  var name: String
  var identifier: String
  /// Whether the codes are those that the manifest names; where not, the file is refused before.
  var intact = true
  var signed: Bool
  /// Whether the key signed it.
  var valid: Bool

  init(_ signature: Signature, file: String, key: SigningKey) throws {
    self.file = file
    name = signature.name
    identifier = signature.identifier
    signed = signature.seal != nil
    valid = try signature.isSealed(by: key)
  }

  /// The result for a person.
  var text: String {
    let verdict =
      valid
      ? "signed by that key, and not changed since"
      : signed ? "NOT signed by that key, or changed since" : "not signed"
    return "\(name): \(verdict)\nsha256 \(identifier)".escapingVerdict
  }
}

extension String {
  fileprivate var escapingVerdict: String {
    split(separator: "\n").map { String($0).escapingControlCharacters }.joined(separator: "\n")
  }
}

extension SignatureCompareResult: TabularResult {
  /// A row a pair, also of a signature with itself.
  var table: ResultTable {
    ResultTable(
      ["a", "b", "cosine"],
      signatures.indices.flatMap { a in
        signatures.indices.map { b in
          [.text(signatures[a].file), .text(signatures[b].file), .number(cosine[a][b])]
        }
      })
  }
}
