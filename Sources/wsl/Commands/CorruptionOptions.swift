import ArgumentParser
import Datasets
import Foundation
import Signatures
import Support
import ZooIndex

/// How strongly images are corrupted, and with which draws.
struct CorruptionOptions: ParsableArguments {
  /// Whose severities are meant.
  enum ScaleChoice: String, ExpressibleByArgument, CaseIterable {
    case cifar, mnist
  }

  @Option(
    name: .customLong("scale"),
    help: "Whose severities are meant: cifar (CIFAR-10-C's) or mnist (MNIST-C's, stronger).")
  var scaleChoice: ScaleChoice = .cifar

  /// Whose severities are meant.
  var scale: Corruption.Scale { scaleChoice == .mnist ? .mnist : .cifar }

  @Option(help: "The seed of everything random in the corruptions.")
  var seed: UInt64 = 0

  /// Reads the name of a kind.
  static func kind(_ name: String) throws -> Corruption.Kind {
    guard let kind = Corruption.Kind(name: name) else {
      let alike = SimilarNames.of(name, among: Corruption.Kind.allCases.map(\.rawValue))
      throw Diagnostic(
        .usage, "there is no corruption '\(name)'",
        remedy: alike.isEmpty
          ? "`wsl data list` shows them all" : "did you mean \(alike.joined(separator: ", or "))?")
    }
    return kind
  }

  /// A corruption of a given strength, or of a severity.
  ///
  /// - Throws: `Diagnostic` of code `usage` where the kind does not take the strength.
  static func corruption(
    _ kind: Corruption.Kind, severity: Int?, strength: Double?, scale: Corruption.Scale
  ) throws -> Corruption {
    if let strength, kind.strengths?.contains(strength) != true {
      throw Diagnostic(
        .usage, "\(kind.rawValue) cannot be of strength \(strength)",
        remedy: kind.strengths.map { "give one from \($0.lowerBound) to \($0.upperBound)" }
          ?? "give a severity instead")
    }
    return Corruption(kind, severity: severity ?? 3, scale: scale, strength: strength)
  }

  /// The corruption of a text such as `fog:3`, or else the one that a signature names.
  static func corruption(
    _ text: String?, of signature: Signature, strength: Double?, scale: Corruption.Scale
  ) throws -> Corruption {
    guard
      let named = try text.map(SignatureManifest.Corruption.init(parsing:))
        ?? signature.manifest.corruption
    else {
      throw Diagnostic(
        .usage, "the signature does not name its corruption", remedy: "name it with --corruption")
    }
    return try corruption(
      kind(named.type), severity: named.severity, strength: strength, scale: scale)
  }

  /// Reads names separated by commas, and the names of sets: `all` (the fifteen of the benchmark and
  /// its extra four), `benchmark`, `mnist-c`, `controls`.
  static func kinds(_ list: String) throws -> [Corruption.Kind] {
    var kinds: [Corruption.Kind] = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      switch word.trimmingCharacters(in: .whitespaces) {
      case "all": kinds += Corruption.Kind.benchmark + Corruption.Kind.extra
      case "benchmark": kinds += Corruption.Kind.benchmark
      case "mnist-c": kinds += Corruption.Kind.digits
      case "controls": kinds += Corruption.Kind.controls
      case let name: kinds.append(try kind(name))
      }
    }
    var seen: Set<Corruption.Kind> = []
    return kinds.filter { seen.insert($0).inserted }
  }

  /// Reads `3`, `1-5` or `1,3,5`.
  static func severities(_ list: String) throws -> [Int] {
    func refused() -> Diagnostic {
      Diagnostic(
        .usage, "'\(list)' are no severities", remedy: "give numbers from 1 to 5: 3, 1-5 or 1,3,5")
    }
    var severities: [Int] = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        (1...5).contains(first), (first...5).contains(last)
      else { throw refused() }
      severities += first...last
    }
    return Array(Set(severities)).sorted()
  }
}
