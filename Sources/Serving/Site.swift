import Support

/// The pages of an index: a request in, an answer out. It only reads.
public struct Site: Sendable {
  private typealias Page = @Sendable (ServedIndex, PageFrame) throws -> Response

  private let readers: IndexReaders
  private let facts: FactsReader
  private let access: Access
  private let name: String

  /// Opens an index.
  ///
  /// - Parameters:
  ///   - path: the index.
  ///   - access: who may read.
  ///   - readers: how many questions are asked at once.
  /// - Throws: `Diagnostic`: `noInput` where there is none, `badData` where the file is something else.
  public init(index path: String, access: Access, readers: Int) throws {
    self.readers = try IndexReaders(path, count: readers)
    self.access = access
    facts = FactsReader()
    name = String(path.split(separator: "/").last ?? "index")
  }

  /// Answers a request. Whatever goes wrong is an answer, too.
  public func respond(to request: Request) async -> Response {
    if let refusal = access.refusal(of: request) { return refusal }
    guard ["GET", "HEAD"].contains(request.method) else {
      return Response(
        "Pages are only read here.\n", type: "text/plain", status: 405,
        headers: [("Allow", "GET, HEAD")])
    }
    if let asset = Assets.response(to: request) { return asset }
    let frame = PageFrame(index: name, request: request)
    do { return try await page(frame) } catch { return frame.response(to: error) }
  }

  private func page(_ frame: PageFrame) async throws -> Response {
    let path = frame.request.path
    if let page = Self.pages[path] {
      return try await readers.run { try page($0, frame) }
    }
    switch path {
    case "/theme": return Self.theme(frame.request)
    case "/model":
      let facts = try await facts([frame.request.query["name"] ?? ""])
      return try await readers.run { try ModelPage.respond($0, frame, facts) }
    case "/compare":
      let facts = try await facts(Array(ComparePage.names(frame.request).prefix(Self.curves)))
      return try await readers.run { try ComparePage.respond($0, frame, facts) }
    default:
      return try await figure(frame)
    }
  }

  private static let curves = LearningCurves.limit

  /// The pages that ask the index alone.
  private static let pages: [String: Page] = [
    "/": ModelsPage.respond, "/models.csv": ModelsPage.csv, "/model.csv": ModelPage.csv,
    "/compare.csv": ComparePage.csv, "/scatter": ScatterPage.respond,
    "/parallel": ParallelPage.respond, "/lineage": LineagePage.respond, "/index": IndexPage.respond,
    "/progress": IndexPage.progressPart,
  ]

  /// The files of figures.
  private func figure(_ frame: PageFrame) async throws -> Response {
    let parts = frame.request.path.dropFirst().split(separator: ".").map(String.init)
    guard parts.count == 2, FigurePiece.endings.contains(parts[1]) else { throw Self.nothing }
    let ending = parts[1]
    let models = Array(frame.request.query.all("model").prefix(Self.curves))
    switch parts[0] {
    case "scatter":
      return try await readers.run { try ScatterPage.file($0, frame, ending: ending) }
    case "parallel":
      return try await readers.run { try ParallelPage.file($0, frame, ending: ending) }
    case "lineage" where ending != "json":
      return try await readers.run { try LineagePage.file($0, frame, ending: ending) }
    case "curve":
      let facts = try await facts(models)
      guard
        let chart = LearningCurves.chart(
          models.compactMap { name in
            facts[name].map { (name, $0) }
          })
      else { throw Self.nothing }
      return try FigurePiece.file(chart, name: "curve", ending: ending)
    case "graph" where ending != "json":
      let facts = try await facts(Array(models.prefix(1)))
      guard let found = facts.first,
        let file = NetworkFigure.file(found.key, found.value, ending: ending)
      else { throw Self.nothing }
      return file
    case "layers":
      return try await readers.run { index in
        let metric = try ModelPage.metric(frame.request.query["metric"] ?? "", in: index)
        let served = try ServedModel.named(models, in: index)
        guard let chart = try LayerCurves(metric, of: served, in: index).chart else {
          throw Self.nothing
        }
        return try FigurePiece.file(chart, name: "layers", ending: ending)
      }
    default: throw Self.nothing
    }
  }

  private static let nothing = Diagnostic(
    .noInput, "there is no such page", remedy: "begin at the table of models")

  /// What the files of some models tell, by the models' names.
  private func facts(_ names: [String]) async throws -> [String: ModelFacts] {
    let models = try await readers.run { try ServedModel.named(names, in: $0) }
    var found: [String: ModelFacts] = [:]
    for model in models { found[model.name] = await facts.facts(of: model.file) }
    return found
  }

  /// Keeps the choice of colours, and goes back.
  private static func theme(_ request: Request) -> Response {
    let to = request.query["to"] ?? ""
    let life = ["light", "dark"].contains(to) ? "Max-Age=31536000" : "Max-Age=0"
    let back = (request.query["back"] ?? "/").split(
      separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = Access.safePath(String(back.first ?? "/"))
    let query = Query(parsing: back.count > 1 ? back[1] : "")
    return .redirect(
      to: query.address(path),
      headers: [
        ("Set-Cookie", "theme=\(life.hasSuffix("=0") ? "" : to); Path=/; SameSite=Lax; \(life)")
      ])
  }
}
