import ZooIndex

/// A model with all that the index has of it.
struct ServedModel: Sendable {
  /// A relative.
  struct Relative: Sendable, Hashable {
    var name: String
    var file: String
  }

  /// The name, which no other model has.
  let name: String
  /// The number in the index.
  let id: IndexValue
  /// The file, with the path that opens it.
  let file: String
  /// The values of all columns of the overview, in its order.
  let values: [IndexValue]

  /// The models of some names, in the order of the names; what there is none of is left out.
  static func named(_ names: [String], in index: ServedIndex) throws -> [ServedModel] {
    guard !names.isEmpty else { return [] }
    let columns = try index.overview().columns.map(\.name)
    let marks = Array(repeating: "?", count: names.count).joined(separator: ", ")
    let rows = try index.rows(
      ["name", "id", "file"] + columns, where: "name IN (\(marks))", names.map(IndexValue.text))
    let byName = Dictionary(
      rows.map { ($0[0].text, $0) }, uniquingKeysWith: { first, _ in first })
    return names.compactMap { name in
      byName[name].map { row in
        ServedModel(
          name: name, id: row[1], file: row[2].text, values: Array(row.dropFirst(3)))
      }
    }
  }

  /// The value of a column.
  func value(_ column: String, _ overview: ServedIndex.Overview) -> IndexValue {
    let place = overview.columns.firstIndex { $0.name == column }
    return place.map { values[$0] } ?? .null
  }

  /// The parents of the parents, the nearest first.
  func ancestors(in index: ServedIndex) throws -> [Relative] {
    var found: [Relative] = []
    var next = value("parent_file", try index.overview()).text
    // A damaged index may lead in circles.
    while !next.isEmpty, found.count < 50, !found.contains(where: { $0.file == next }) {
      let rows = try index.rows(
        ["name", "file", "parent_file"], where: "file = ?", [.text(next)], limit: 1)
      guard let row = rows.first else { break }
      found.append(Relative(name: row[0].text, file: row[1].text))
      next = row[2].text
    }
    return found
  }

  /// The models whose parent it is.
  func children(in index: ServedIndex, limit: Int) throws -> [Relative] {
    try index.rows(["name", "file"], where: "parent_file = ?", [.text(file)], limit: limit)
      .map { Relative(name: $0[0].text, file: $0[1].text) }
  }

  /// The results of a metric, in the order of the model's tensors: the tensor or layer, then the columns.
  ///
  /// - Complexity: O(rows · tensors) where rows are called other than tensors.
  func results(_ metric: String, _ columns: [String], in index: ServedIndex) throws
    -> [[IndexValue]]
  {
    let rows = try index.rows(
      ["tensor"] + columns, of: .results(metric), where: "id = ?", [id])
    let tensors = try index.rows(
      ["tensor", "position"], of: .tensors, where: "id = ?", [id])
    var places: [String: Int] = [:]
    for tensor in tensors { places[tensor[0].text] = tensor[1].integer }
    func place(_ name: String) -> Int {
      // A layer stands where its first tensor does.
      places[name] ?? places.filter { $0.key.hasPrefix(name) }.map(\.value).min() ?? Int.max
    }
    let ordered = rows.enumerated().map { (place: place($0.element[0].text), at: $0.offset) }
      .sorted { ($0.place, $0.at) < ($1.place, $1.at) }
    return ordered.map { rows[$0.at] }
  }
}
