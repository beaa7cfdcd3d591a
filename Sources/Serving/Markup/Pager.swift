/// The ways from page to page of a table.
enum Pager {
  static func links(_ state: TableState, matched: Int) -> HTML {
    let last = max(1, (matched + state.size - 1) / state.size)
    guard last > 1 else { return "" }
    func link(_ words: String, _ page: Int, _ relation: HTML, isThere: Bool) -> HTML {
      guard isThere else { return "<span class=\"button off\">\(words)</span> " }
      let address = state.on(page: page).query.address("/")
      return "<a class=\"button\"\(relation) href=\"\(address)\">\(words)</a> "
    }
    let isFirst = state.page <= 1
    let isLast = state.page >= last
    return """
      <nav aria-label="Pages">\
      \(link("First", 1, "", isThere: !isFirst))\
      \(link("Previous", state.page - 1, " rel=\"prev\"", isThere: !isFirst))\
      <span>page \(PageNumber.count(state.page)) of \(PageNumber.count(last))</span> \
      \(link("Next", state.page + 1, " rel=\"next\"", isThere: !isLast))\
      \(link("Last", last, "", isThere: !isLast))</nav>
      """
  }
}
