import ZooIndex

/// What a table of models shows; all of it stands in the address, so that a link shows the same to others.
///
/// `where` is the filter, `sort` a column (with `-` in front it descends), `page` from 1, `size` rows a
/// page, `column` the columns (once each, or with commas), `model` the models that are chosen.
struct TableState {
  /// The rows of a page that one can choose.
  static let sizes = [25, 50, 100, 250]

  /// An SQL expression over the columns; nil takes all models.
  var filter: String?
  /// The column to sort by.
  var sort: (column: String, descends: Bool)?
  /// The page, from 1.
  var page: Int
  /// The rows of a page.
  var size: Int
  /// The columns; empty means the usual ones.
  var columns: [String]
  /// The names of models that were chosen for a comparison.
  var chosen: [String]

  /// Reads it from an address. What is no number of a page counts as the first.
  init(_ query: Query) {
    filter = query["where"]
    sort = query["sort"].map { text in
      text.hasPrefix("-") ? (String(text.dropFirst()), true) : (text, false)
    }
    page = max(1, query["page"].flatMap { Int($0) } ?? 1)
    let size = query["size"].flatMap { Int($0) } ?? 50
    self.size = min(500, max(1, size))
    columns = query.list("column")
    chosen = query.all("model")
  }

  /// The question of the address, with what differs from the usual.
  var query: Query {
    var items: [(name: String, value: String)] = []
    if let filter { items.append(("where", filter)) }
    if let sort { items.append(("sort", (sort.descends ? "-" : "") + sort.column)) }
    if page > 1 { items.append(("page", String(page))) }
    if size != 50 { items.append(("size", String(size))) }
    if !columns.isEmpty { items.append(("column", columns.joined(separator: ","))) }
    items += chosen.map { ("model", $0) }
    return Query(items)
  }

  /// The same on another page.
  func on(page: Int) -> TableState {
    var copy = self
    copy.page = page
    return copy
  }

  /// The same sorted by a column; where it is that one already, the other way round.
  func sorted(by column: String) -> TableState {
    var copy = on(page: 1)
    copy.sort = (column, sort?.column == column ? !(sort?.descends ?? false) : false)
    return copy
  }
}
