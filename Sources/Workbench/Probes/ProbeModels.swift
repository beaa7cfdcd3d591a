import Support
public import ZooIndex

/// The models of an index that a probe learns from or is judged on: what is to be said of each, which
/// of them belong together, and which are left out.
public struct ProbeModels: Sendable {
  /// Which models are never on both sides of a split.
  public enum Grouping: Sendable, Hashable {
    /// Each model alone.
    case none
    /// A model with its parents and children among those that are used, models of the same contents, and
    /// near copies (`NearCopies`) where layers are read.
    case lineage
    /// All models that descend from one root.
    case tree
    /// Models with the same value in a column.
    case column(String)

    /// The name of it, as users say it.
    public var name: String {
      switch self {
      case .none: "none"
      case .lineage: "lineage"
      case .tree: "tree"
      case .column(let column): column
      }
    }
  }

  /// A model that is left out, and why.
  public struct Skipped: Sendable, Hashable, Encodable {
    /// Its file.
    public var file: String
    /// Why.
    public var reason: String

    /// Makes one.
    public init(file: String, reason: String) {
      self.file = file
      self.reason = reason
    }
  }

  /// The identifiers in the index.
  public private(set) var ids: [Int64] = []
  /// The files.
  public private(set) var files: [String] = []
  /// What the target's column says.
  public private(set) var cells: [IndexValue] = []
  /// The group of each model.
  public private(set) var groups: [Int] = []
  /// The part of a fixed split that each model belongs to; empty without one.
  public private(set) var parts: [String] = []
  /// The models left out.
  public private(set) var skipped: [Skipped] = []

  /// Finds the models of an index.
  ///
  /// - Parameters:
  ///   - target: the column of what is to be said; nil where nothing is.
  ///   - filter: an SQL expression over the models' columns; nil takes all.
  ///   - split: the column of a fixed split.
  /// - Throws: `Diagnostic` of code `usage` for what the index does not have.
  public init(
    _ index: ZooIndex, target: String?, where filter: String?, grouping: Grouping = .none,
    split: String? = nil
  ) throws {
    var query = IndexQuery()
    query.filter = filter
    query.columns = ["id", "file", "parent_file", "content"] + [target, split].compactMap { $0 }
    if case .column(let column) = grouping { query.columns.append(column) }
    let answer = try index.ask(query)
    var (parents, contents, own): ([String], [String], [String]) = ([], [], [])
    for row in answer.rows {
      guard case .integer(let id) = row[0] else { continue }
      let cell = target == nil ? IndexValue.null : row[4]
      if let target, cell == .null || cell.text.allSatisfy(\.isWhitespace) {
        skipped.append(Skipped(file: row[1].text, reason: "it has no \(target)"))
        continue
      }
      if split != nil {
        let part = row[target == nil ? 4 : 5].text
        guard !part.isEmpty else {
          skipped.append(Skipped(file: row[1].text, reason: "it belongs to no part of the split"))
          continue
        }
        parts.append(part)
      }
      ids.append(id)
      files.append(row[1].text)
      cells.append(cell)
      parents.append(row[2].text)
      contents.append(row[3].text)
      own.append(row[row.count - 1].text)
    }
    switch grouping {
    case .none: groups = Array(ids.indices)
    case .column: groups = Self.numbers(own)
    case .lineage:
      var families = Families(files)
      for (model, parent) in parents.enumerated() where !parent.isEmpty {
        families.join(files[model], parent)
      }
      for (content, models) in Dictionary(grouping: files.indices, by: { contents[$0] })
      where !content.isEmpty {
        for model in models.dropFirst() { families.join(files[models[0]], files[model]) }
      }
      groups = Self.numbers(files.map { families.root(of: $0) })
    case .tree:
      let families = try Families(documentedIn: index)
      groups = Self.numbers(files.map { families.root(of: $0) })
    }
  }

  /// Puts the groups of pairs of models together.
  ///
  /// - Returns: how many pairs were not together before.
  mutating func join(_ pairs: [(Int, Int)]) -> Int {
    var families = Families(groups.map(String.init))
    var joined = 0
    for (one, other) in pairs {
      let (first, second) = (String(groups[one]), String(groups[other]))
      if families.root(of: first) != families.root(of: second) { joined += 1 }
      families.join(first, second)
    }
    groups = Self.numbers(groups.map { families.root(of: String($0)) })
    return joined
  }

  /// Numbers in the order of first places.
  private static func numbers(_ names: [String]) -> [Int] {
    var known: [String: Int] = [:]
    return names.map { name in
      let number = known[name] ?? known.count
      known[name] = number
      return number
    }
  }

  /// Leaves models out, by their place.
  public mutating func remove(_ reasons: [Int: String]) {
    guard !reasons.isEmpty else { return }
    for (place, reason) in reasons.sorted(by: { $0.key < $1.key }) {
      skipped.append(Skipped(file: files[place], reason: reason))
    }
    let kept = ids.indices.filter { reasons[$0] == nil }
    ids = kept.map { ids[$0] }
    files = kept.map { files[$0] }
    cells = kept.map { cells[$0] }
    groups = kept.map { groups[$0] }
    if !parts.isEmpty { parts = kept.map { parts[$0] } }
  }
}

/// Sets of names that belong together.
struct Families {
  private var parents: [String: String] = [:]

  init(_ names: [String]) { for name in names { parents[name] = name } }

  /// The files of an index, each joined with the parent that it names.
  init(documentedIn index: ZooIndex) throws {
    var query = IndexQuery()
    query.columns = ["file", "parent_file", "parent"]
    let rows = try index.ask(query).rows
    self.init(rows.map { $0[0].text })
    // A parent that is not in the index is known by its name.
    for row in rows where row[2] != .null {
      join(row[0].text, row[1] == .null ? "\u{0}" + row[2].text : row[1].text, adds: true)
    }
  }

  /// All names.
  var names: [String] { Array(parents.keys) }

  /// Whether a name is among them.
  func contains(_ name: String) -> Bool { parents[name] != nil }

  /// The name that stands for a set.
  func root(of name: String) -> String {
    var name = name
    while let next = parents[name], next != name { name = next }
    return name
  }

  /// Joins the sets of two names, where both are known.
  mutating func join(_ first: String, _ second: String, adds: Bool = false) {
    if adds, parents[second] == nil { parents[second] = second }
    guard parents[first] != nil, parents[second] != nil else { return }
    let (one, other) = (root(of: first), root(of: second))
    if one != other { parents[one] = other }
  }
}
