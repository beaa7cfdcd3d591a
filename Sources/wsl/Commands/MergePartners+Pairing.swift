import Catalogs
import Merging
import ModelGraph
import Tensors

extension FilePairing {
  /// Whether two tensors of floating-point numbers correspond, and not by a guess.
  func hasMergeable(_ first: Catalog) -> Bool {
    pairs.contains { pair in
      pair.isMergeable && first.tensors[pair.first].elementType.isFloatingPoint
    }
  }
}

extension FilePairing.Pair {
  /// Whether the two may be mixed: a guess by shapes is not enough, nor is the place in different heads.
  fileprivate var isMergeable: Bool { reason != .shapeAndOrder && !isOfHead }
}

extension MergePartners {
  /// What goes together in two files.
  init(_ pairing: FilePairing, _ first: Catalog, _ second: Catalog) {
    var partners: [String: Partner] = [:]
    for pair in pairing.pairs + pairing.reshaped where pair.reason != .shapeAndOrder {
      partners[first.tensors[pair.first].name] = Partner(
        name: second.tensors[pair.second].name, axes: pair.axes,
        whyNot: pair.isMergeable ? nil : "it belongs to a head that the first model has not")
    }
    self.init(partners, spareInFirst: pairing.unused.first, spare: pairing.unused.second)
  }
}
