/// The files beside the pages: they are the same for every index.
enum Assets {
  /// The file that a request asks for; nil where it asks for none.
  static func response(to request: Request) -> Response? {
    switch request.path {
    case "/style.css": file(stylesheet, "text/css")
    case "/script.js": file(script, "text/javascript")
    case "/icon.svg", "/favicon.ico": file(icon, "image/svg+xml")
    default: nil
    }
  }

  private static func file(_ text: String, _ type: String) -> Response {
    // For as long as a page is looked at: another version of the program has other ones.
    Response(text, type: type, headers: [("Cache-Control", "private, max-age=60")])
  }

  /// Three dots with lines between them.
  private static let icon = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g stroke="#0072b2" stroke-width="2.5">
    <path d="M7 8L24 12M7 8L14 25M24 12L14 25" fill="none"/></g><g fill="#d55e00">
    <circle cx="7" cy="8" r="4.5"/><circle cx="24" cy="12" r="4.5"/><circle cx="14" cy="25" r="4.5"/></g></svg>

    """
}
