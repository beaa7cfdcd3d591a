import Catalogs
import Support

/// The tensors of paired layers, beside each other.
struct TensorPairs {
  /// The partner of every tensor of the first network.
  private(set) var names: [String: String] = [:]
  /// The partner's axis for each axis of every tensor of the first network.
  private(set) var axes: [String: [Int]] = [:]
  /// The partner of every tensor of the second network.
  private var reverse: [String: String] = [:]

  /// - Throws: `Diagnostic` of code `badData` where a tensor has no partner or two.
  init(_ a: ModelGraph, _ b: ModelGraph, _ layers: [(a: Int, b: Int)]) throws {
    for (indexA, indexB) in layers {
      let layerA = a.layers[indexA]
      let layerB = b.layers[indexB]
      // A file may have a tensor under several names: the first meets the first, and so on.
      var seen: [Parameter.Role: Int] = [:]
      for parameter in layerA.parameters {
        let place = seen[parameter.role, default: 0]
        seen[parameter.role] = place + 1
        let partners = layerB.parameters.filter { $0.role == parameter.role }
        let count = layerA.parameters.count { $0.role == parameter.role }
        guard let partner = partners.dropFirst(place).first, partners.count == count else {
          throw Diagnostic(
            .badData,
            "the tensor \(parameter.tensor) has no partner in \(layerB.name)", at: [layerA.name])
        }
        let known = parameter.axes(in: partner)
        guard Set(known).count == parameter.axes.count, partner.axes.count == known.count,
          zip(parameter.shape, known).allSatisfy({ $0 == partner.shape[$1] })
        else {
          throw Diagnostic(
            .badData,
            "the tensors \(parameter.tensor) \(describe(parameter.shape)) and \(partner.tensor) "
              + "\(describe(partner.shape)) cannot be laid beside each other",
            at: [layerA.name])
        }
        let isNew = names[parameter.tensor] == nil && reverse[partner.tensor] == nil
        guard
          isNew
            || (names[parameter.tensor] == partner.tensor
              && reverse[partner.tensor] == parameter.tensor)
        else {
          throw Diagnostic(
            .badData,
            "one network shares a tensor between layers and the other does not: "
              + "\(parameter.tensor), \(partner.tensor)", at: [layerA.name])
        }
        names[parameter.tensor] = partner.tensor
        reverse[partner.tensor] = parameter.tensor
        axes[parameter.tensor] = known
      }
    }
  }

  /// What the second network's file shares, in the first one's names. A tensor without a partner keeps a
  /// name that the first network does not have.
  func inFirst(_ shared: [SharedStorage]) -> [SharedStorage] {
    shared.map { storage in
      let names = storage.names.map { reverse[$0] ?? "" }
      let haveOneOrder = Set(names.map { axes[$0] }).count == 1
      return SharedStorage(names: names, isOneTensor: storage.isOneTensor && haveOneOrder)
    }
  }
}

extension Parameter {
  /// For each axis the one of another parameter that means the same; of several that mean the same, the
  /// first is the first, and so on. Axes without a partner are left out.
  fileprivate func axes(in other: Parameter) -> [Int] {
    var taken: Set<Int> = []
    return axes.compactMap { meaning in
      other.axes.indices.first { other.axes[$0] == meaning && taken.insert($0).inserted }
    }
  }
}
