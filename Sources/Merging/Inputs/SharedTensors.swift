import Catalogs
import Support
import Tensors

/// Which tensors are merged: those of floating-point numbers that all models and the base have with
/// one shape.
struct SharedTensors: Sendable {
  /// The tensors of the first model that are merged, in its order.
  private(set) var merged: [TensorEntry] = []
  /// The names of the first model's other tensors, which stay as they are.
  private(set) var kept: [String] = []
  /// The names of tensors that some model has and the first does not.
  private(set) var leftOut: [String] = []
  /// The names of kept tensors that have no mean and of which a model has other elements.
  private(set) var differing: [String] = []
  /// The names of kept tensors that say what those mean.
  private(set) var bound: [String] = []

  /// Finds them.
  ///
  /// - Parameter sharedOnly: whether tensors that not all have stay as they are in the first model,
  ///   instead of being refused.
  /// - Throws: `Diagnostic` of code `badData` that names tensors that are missing, reshaped or more.
  init(_ models: [MergeInput], base: MergeInput?, sharedOnly: Bool) throws {
    let others = models.dropFirst() + [base].compactMap { $0 }
    for entry in models[0].tensors {
      guard entry.elementType.isFloatingPoint, !SharedTensors.isState(entry) else {
        kept.append(entry.name)
        continue
      }
      if let problem = SharedTensors.problem(of: entry, in: Array(others)) {
        let isSpare = others.contains { other in
          other.partners?.spareInFirst.contains(entry.name) == true
            && other.partner(of: entry.name) == nil
        }
        guard sharedOnly || isSpare else { throw problem }
        kept.append(entry.name)
      } else {
        merged.append(entry)
      }
    }
    for other in others {
      let taken = other.partners.map { Set($0.partners.values.map(\.name)) }
      for entry in other.tensors
      where entry.elementType.isFloatingPoint && !SharedTensors.isState(entry) {
        let isTaken = taken?.contains(entry.name) ?? false
        guard !isTaken, taken != nil || models[0].partner(of: entry.name) == nil,
          other.partners?.spare.contains(entry.name) != true
        else { continue }
        guard sharedOnly else {
          throw Diagnostic(
            .badData, "\(models[0].name) has no tensor in its place", at: [other.name, entry.name],
            remedy: SharedTensors.remedy)
        }
        leftOut.append(entry.name)
      }
    }
    for entry in merged where entry.elementType.isSmallFloat {
      guard let scale = entry.scale(among: models[0].tensors) else { continue }
      throw Diagnostic(
        .badData,
        "its 8-bit floats are to be multiplied by \(scale): means of both are no means of the products",
        at: [models[0].name, entry.name],
        remedy: "merge the models as they were before they were quantised")
    }
    guard !merged.isEmpty else {
      throw Diagnostic(
        .badData, "there is no tensor of floating-point numbers to merge", at: [models[0].name])
    }
  }

  private static let remedy: Wording =
    "merge models of one architecture, or only what they share: \(setting: .sharedOnly)"

  /// Whether a tensor is the state of an optimizer or the like, which a merged model does not have.
  private static func isState(_ entry: TensorEntry) -> Bool { entry.role?.isOfTraining ?? false }

  /// Keeps the floating-point tensors that stand beside whole numbers which differ: the first model's codes
  /// with the mean of two models' scales would be the weights of neither.
  ///
  /// - Throws: `Diagnostic` of code `badData` where nothing is left to merge.
  mutating func keepBound(to differing: [String], of model: MergeInput) throws {
    self.differing = differing
    let codes = differing.filter { TensorRole(ofTensorNamed: $0) == nil }
    guard !codes.isEmpty else { return }
    let modules = Set(codes.compactMap(SharedTensors.module))
    let isBound = { (name: String) in
      SharedTensors.module(of: name).map(modules.contains) ?? false
        || codes.contains { name.hasPrefix($0 + ".") || name.hasPrefix($0 + "_") }
    }
    bound = merged.map(\.name).filter(isBound)
    kept += bound
    merged.removeAll { isBound($0.name) }
    guard !merged.isEmpty else {
      throw Diagnostic(
        .badData, "its weights are whole numbers that differ between the models, and have no mean",
        at: [model.name], remedy: "merge the models as they were before they were quantised")
    }
  }

  /// What comes before the last part of a tensor's name; nil where the name has one part.
  private static func module(of name: String) -> Substring? {
    name.lastIndex { $0 == "." || $0 == "/" }.map { name[..<$0] }
  }

  private static func problem(of entry: TensorEntry, in others: [MergeInput]) -> Diagnostic? {
    for other in others {
      guard let found = other.partner(of: entry.name) else {
        return Diagnostic(
          .badData, "there is no tensor of that name", at: [other.name, entry.name],
          remedy: remedy)
      }
      let place = [other.name, found.entry.name]
      guard found.shape == entry.shape else {
        return Diagnostic(
          .badData, "its shape is \(found.shape), and \(entry.shape) in the first model", at: place,
          remedy: remedy)
      }
      if let reason = other.partners?.partners[entry.name]?.whyNot {
        return Diagnostic(.badData, reason, at: place, remedy: remedy)
      }
      guard found.entry.elementType.isFloatingPoint else {
        return Diagnostic(
          .badData,
          "its elements are \(found.entry.elementType.rawValue), and no floating-point numbers",
          at: place, remedy: remedy)
      }
    }
    return nil
  }
}
