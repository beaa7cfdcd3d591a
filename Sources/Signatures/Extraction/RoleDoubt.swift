import Catalogs
import Support
import WeightFiles

/// A sign that three networks of one family were not given in their roles. None is a proof but what the
/// files say of themselves.
public enum RoleDoubt: Sendable, Hashable {
  /// What a network was given as.
  public enum Role: String, Sendable, CaseIterable {
    case pretrained, standard, robust
  }

  /// A network that should not have seen corruptions says that it was trained on one.
  case saysCorruption(Role, String)
  /// A network says that it was trained from one that should not come before it.
  case saysParent(Role, Role)
  /// The two went nearly the same way.
  case sameWay(cosine: Double)
  /// The standard network went farther than the robust one.
  case standardWentFarther(ratio: Double)

  /// Above which cosine two ways are nearly the same. Fine-tunes for 8 corruptions, two seeds and two
  /// label sets have 0.57 at most; with a robust network in the place of the pretrained one, more than
  /// half have more.
  static let greatestCosine = 0.7
  /// From which ratio on the standard network went too far. Of the same fine-tunes none has more; with
  /// standard and robust exchanged, six of ten have.
  static let greatestRatio = 1.25

  /// Looks for signs.
  ///
  /// - Parameters:
  ///   - files: the pretrained, the standard and the robust network.
  ///   - digests: the SHA-256 of the three files.
  static func found(
    in files: [WeightFile], digests: [String], directions: FineTuneDirections
  ) -> [RoleDoubt] {
    var doubts: [RoleDoubt] = []
    for (role, file) in zip([Role.pretrained, .standard], files) {
      if let kind = file.catalog.text("corruption"), !kind.isEmpty, kind != "none" {
        doubts.append(.saysCorruption(role, kind))
      }
    }
    let parents = files.map { $0.catalog.text("parent_sha256") }
    for (child, parent) in [(0, 1), (0, 2), (1, 2), (2, 1)]
    where parents[child] == digests[parent] && digests[child] != digests[parent] {
      doubts.append(.saysParent(Role.allCases[child], Role.allCases[parent]))
    }
    if let cosine = directions.cosine, cosine > greatestCosine {
      doubts.append(.sameWay(cosine: cosine))
    }
    if directions.robust > 0, directions.standard > greatestRatio * directions.robust {
      doubts.append(.standardWentFarther(ratio: directions.standard / directions.robust))
    }
    return doubts
  }

  /// The same for a person.
  public var sentence: String {
    switch self {
    case .saysCorruption(let role, let kind):
      "the network given as the \(role.rawValue) one says that it was trained on \(kind): are the three "
        + "exchanged?"
    case .saysParent(let child, let parent):
      "the network given as the \(child.rawValue) one says that it was trained from the one given as the "
        + "\(parent.rawValue): are the three exchanged?"
    case .sameWay(let cosine):
      "the standard and the robust network go nearly the same way (cosine \(RoleDoubt.short(cosine))), as "
        + "they do seen from a robust network that was given as the pretrained one"
    case .standardWentFarther(let ratio):
      "the standard network went \(RoleDoubt.short(ratio)) times as far as the robust one: are they "
        + "exchanged?"
    }
  }

  private static func short(_ number: Double) -> String {
    "\((number * 100).rounded() / 100)"
  }
}
