import Support

/// What all pages have in common: the head, the ways to the others, light and dark.
struct PageFrame: Sendable {
  /// The sections, in the order in which they are named, each with its path.
  enum Section: String, CaseIterable {
    case models = "/"
    case scatter = "/scatter"
    case parallel = "/parallel"
    case lineage = "/lineage"
    case index = "/index"

    var title: String {
      switch self {
      case .models: "Models"
      case .scatter: "Scatter"
      case .parallel: "Parallel coordinates"
      case .lineage: "Lineage"
      case .index: "Index"
      }
    }
  }

  /// The index's name.
  let index: String
  /// What was asked for.
  let request: Request

  /// The colours that were chosen; nil leaves them to the system.
  static func theme(of request: Request) -> String? {
    request.cookies["theme"].flatMap { ["light", "dark"].contains($0) ? $0 : nil }
  }

  /// A whole page.
  ///
  /// - Parameters:
  ///   - title: what it is about.
  ///   - section: where it belongs.
  ///   - refreshes: whether it is asked for again every few seconds where there are no scripts.
  func response(
    _ title: String, section: Section?, status: Int = 200, refreshes: Bool = false, _ body: HTML
  ) -> Response {
    let theme = Self.theme(of: request)
    let chosen = theme.map { theme -> HTML in " data-theme=\"\(theme)\"" } ?? ""
    let again: HTML =
      refreshes
      ? "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>\n" : ""
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en"\(chosen)>
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title) – \(index)</title>
      <link rel="stylesheet" href="/style.css">
      <link rel="icon" href="/icon.svg" type="image/svg+xml">
      <script src="/script.js" defer></script>
      \(again)</head>
      <body>
      <a class="skip" href="#content">To the content</a>
      <header>
      <a class="index" href="/">\(index)</a>
      <nav aria-label="Sections">\(Section.allCases.map { link($0, isHere: $0 == section) })</nav>
      <nav aria-label="Colours" class="theme">\(themes(theme))</nav>
      </header>
      <main id="content">
      <h1>\(title)</h1>
      \(body)
      </main>
      </body>
      </html>

      """
    return Response(page.text, type: "text/html", status: status)
  }

  /// A way to a section; the filter goes along.
  private func link(_ section: Section, isHere: Bool) -> HTML {
    let kept = Query().setting("where", request.query["where"])
    let address = kept.address(section.rawValue)
    return """
      <a href="\(address)"\(HTML.when(isHere, " aria-current=\"page\""))>\(section.title)</a>
      """
  }

  private func themes(_ chosen: String?) -> [HTML] {
    [("system", "Colours as the system has them"), ("light", "Light"), ("dark", "Dark")].map {
      name, words in
      let address = Query([("to", name), ("back", request.address)]).address("/theme")
      let isHere = name == (chosen ?? "system")
      return """
        <a href="\(address)" title="\(words)"\(HTML.when(isHere, " aria-current=\"true\""))>\(name)</a>
        """
    }
  }

  /// The page of an error: one line.
  func response(to error: any Error) -> Response {
    let diagnostic = error as? Diagnostic
    let status =
      switch diagnostic?.code {
      case .usage: 400
      case .noInput: 404
      case .failed, .cannotWrite: 503
      default: 500
      }
    let words = diagnostic.map(Self.words) ?? "something went wrong: \(error)"
    return response(
      status == 404 ? "Not there" : "This cannot be shown", section: nil, status: status,
      "<p class=\"problem\" role=\"alert\">\(words)</p>")
  }

  /// An error in words for a page. Where it happened, a path of this machine, is left out.
  static func words(_ error: Diagnostic) -> String {
    error.message + (error.remedy.map { "; \($0)" } ?? "")
  }
}
