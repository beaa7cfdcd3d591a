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
      for parameter in layerA.parameters {
        guard let partner = layerB.parameter(parameter.role) else {
          throw Diagnostic(
            .badData,
            "the tensor \(parameter.tensor) has no partner in \(layerB.name)", at: [layerA.name])
        }
        let order = parameter.axes.map { partner.axes.firstIndex(of: $0) }
        let known = order.compactMap { $0 }
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
