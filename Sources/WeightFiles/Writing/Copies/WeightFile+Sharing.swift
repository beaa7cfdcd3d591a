import Catalogs
import Support

extension WeightFile {
  /// Refuses a change of bytes that another tensor has, too, unless that one is changed as well.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  /// - Complexity: O(tensors · log tensors).
  func checkSharing(_ changed: Set<String>) throws {
    if let name = catalog.sharedBeside.intersection(changed).min() {
      throw Diagnostic(
        .badData, "it shares its bytes with something beside the network, which is not to change",
        at: [catalog.file, name], remedy: "write each tensor for itself: \(action: .convert)")
    }
    for shared in catalog.sharedStorage() {
      if !shared.isOneTensor, case .hdf5 = source,
        let one = shared.names.first(where: changed.contains)
      {
        throw Diagnostic(
          .badData, "its bytes are those of another data set, too, in another shape or in part",
          at: [catalog.file, one], remedy: "the file is damaged or hostile: do not use it")
      }
      guard let one = shared.names.first(where: changed.contains),
        let other = shared.names.first(where: { !changed.contains($0) })
      else { continue }
      throw Diagnostic(
        .badData, "it shares its bytes with \(other), and only one of them is to change",
        at: [catalog.file, one], remedy: "write each tensor for itself: \(action: .convert)")
    }
  }

  /// The changes without those of tensors that are others under a further name.
  ///
  /// - Throws: `Diagnostic` of code `badData` where one tensor is given two values.
  func unlinked(_ changes: [Change]) throws -> [Change] {
    guard !catalog.linkedTensors.isEmpty else { return changes }
    var first: [String: Int] = [:]
    var kept: [Change] = []
    for change in changes {
      let owner = catalog.linkedTensors[change.entry.name] ?? change.entry.name
      guard let known = first[owner] else {
        first[owner] = kept.count
        kept.append(change)
        continue
      }
      guard kept[known].stored == change.stored else { throw conflict(change.entry.name) }
    }
    return kept
  }

  /// The tensors that have to be changed together, as places in a list of names: those of one storage,
  /// and each of the others alone. In the order of the list.
  func changedTogether(_ names: [String]) -> [[Int]] {
    let owners = Dictionary(
      catalog.sharedStorage().flatMap { shared in shared.names.map { ($0, shared.names[0]) } },
      uniquingKeysWith: { first, _ in first })
    var places: [String: Int] = [:]
    var sets: [[Int]] = []
    for (index, name) in names.enumerated() {
      let owner = owners[name] ?? name
      if let place = places[owner] {
        sets[place].append(index)
      } else {
        places[owner] = sets.count
        sets.append([index])
      }
    }
    return sets
  }

  func conflict(_ name: String) -> Diagnostic {
    Diagnostic(
      .badData, "it shares its bytes with another tensor, which was given other values",
      at: [catalog.file, name], remedy: "write each tensor for itself: \(action: .convert)")
  }
}
