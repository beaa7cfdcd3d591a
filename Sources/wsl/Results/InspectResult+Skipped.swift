import Archives
import Catalogs
import Formats
import Reports
import Support
import WeightFiles

extension InspectResult {
  /// What is left alone, and why; nil where nothing is.
  ///
  /// One line a reason: an optimiser has as many tensors as the network. Where no architecture is
  /// understood, what the graph leaves alone is everything, and the warning says why.
  ///
  /// - Parameter listsAll: whether tensors that are not read have a line each.
  func skippedTable(listsAll: Bool) -> String? {
    let rows = skippedRows(listsAll: listsAll)
    guard !rows.isEmpty else { return nil }
    var table = TextTable([.text("left alone"), .text("type"), .text("shape"), .text("reason")])
    for row in rows {
      table.add(
        row.names.escapingControlCharacters, row.types.escapingControlCharacters, row.shapes,
        row.reason.escapingControlCharacters)
    }
    return table.text
  }

  private struct SkippedRow {
    var names: String
    var types: String
    var shapes: String
    var reason: String
  }

  private func skippedRows(listsAll: Bool) -> [SkippedRow] {
    var order: [String] = []
    var groups: [String: [Catalog.Skipped]] = [:]
    for item in skipped
    where architecture != nil || item.isDamage || !leftByGraph.contains(item.name) {
      if groups[item.reason] == nil { order.append(item.reason) }
      groups[item.reason, default: []].append(item)
    }
    return order.flatMap { reason -> [SkippedRow] in
      guard let group = groups[reason], let first = group.first else { return [] }
      // A few tensors have a line each: they are of several types and shapes.
      if first.tensor != nil, listsAll || group.count <= 3, group.count > 1 {
        return group.map {
          SkippedRow(
            names: $0.name, types: $0.tensor?.dtype ?? "",
            shapes: $0.tensor?.shape.map { NumberFormat.shape($0) } ?? "", reason: reason)
        }
      }
      let types = group.map { $0.tensor?.dtype ?? "" }
      let shapes = group.map { $0.tensor?.shape.map { NumberFormat.shape($0) } ?? "" }
      return [
        SkippedRow(
          names: group.listed(most: group.count > 3 ? 1 : 3, \.name),
          types: Set(types).count == 1 ? types[0] : "",
          shapes: Set(shapes).count == 1 ? shapes[0] : "",
          reason: reason)
      ]
    }
  }
}

extension InspectResult {
  /// Reads every tensor and notes its checksum. One that cannot be read has none, and is among what is
  /// left alone, with the reason.
  mutating func addChecksums(
    _ file: WeightFile, _ kind: Checksum, jobs: Int? = nil, budget: Int? = nil
  ) throws {
    for (index, entry) in Self.listed(file.catalog).enumerated() {
      do {
        tensors[index].checksum = try file.checksum(entry, kind, jobs: jobs, budget: budget)
      } catch let error as Diagnostic {
        if error.code == .interrupted { throw error }
        var reason = error
        reason.location.removeAll { $0 == file.catalog.file || $0 == entry.name }
        let isDamage = error.code == .badData && entry.unreadFilter == nil
        if isDamage {
          tensors[index].damage = reason.description
        } else {
          tensors[index].unread = reason.description
        }
        skipped.append(
          Catalog.Skipped(name: entry.name, reason: reason.description, isDamage: isDamage))
        warnings.append(error.description)
      }
    }
  }

  /// Whether something of the file is damaged, as far as it was looked at.
  var isDamaged: Bool { skipped.contains(where: \.isDamage) }

  /// Whether a checksum was asked for that could not be computed.
  var isIncomplete: Bool { isDamaged || tensors.contains { $0.unread != nil } }
}
