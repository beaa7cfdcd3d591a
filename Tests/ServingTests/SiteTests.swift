import Foundation
import Testing
import ZooIndex

@testable import Serving

@Suite("The pages of an index")
struct SiteTests {
  struct Visit: Sendable, CustomTestStringConvertible {
    var path: String
    var query: [(String, String)] = []
    var status = 200
    var type = "text/html"
    var testDescription: String { path + " \(query)" }
  }

  static let visits: [Visit] = [
    Visit(path: "/"), Visit(path: "/", query: [("where", "seed > 3"), ("sort", "-seed")]),
    Visit(path: "/", query: [("where", "no_such > 1")], status: 400),
    Visit(path: "/", query: [("where", "1; DROP TABLE models")], status: 400),
    Visit(path: "/", query: [("sort", "no_such")], status: 400),
    Visit(path: "/", query: [("column", "no_such")], status: 400),
    Visit(path: "/", query: [("column", "name,no\"such")], status: 400),
    Visit(path: "/model", query: [("name", "m0")]),
    Visit(path: "/model", query: [("name", ServedZoo.hostile[0])]),
    Visit(path: "/model", query: [("name", "nothing")], status: 404),
    Visit(path: "/model", status: 404), Visit(path: "/compare"),
    Visit(path: "/compare", query: [("model", "m0"), ("model", ServedZoo.hostile[1])]),
    Visit(path: "/scatter"), Visit(path: "/scatter", query: [("color", "group")]),
    Visit(path: "/scatter", query: [("x", "group"), ("y", "name")]),
    Visit(path: "/scatter", query: [("x", "no_such")], status: 400),
    Visit(path: "/parallel", query: [("color", "note")]),
    Visit(path: "/parallel", query: [("column", "name,group,seed")]),
    Visit(path: "/parallel", query: [("where", "broken(")], status: 400),
    Visit(path: "/lineage"), Visit(path: "/lineage", query: [("where", "seed > 5")]),
    Visit(path: "/index"), Visit(path: "/progress"),
    Visit(path: "/models.csv", type: "text/csv"),
    Visit(path: "/model.csv", query: [("name", "m1")], type: "text/csv"),
    Visit(path: "/model.csv", query: [("name", "m1"), ("of", "norms")], type: "text/csv"),
    Visit(path: "/model.csv", query: [("name", "m1"), ("of", "no_such")], status: 404),
    Visit(path: "/compare.csv", query: [("model", "m1")], type: "text/csv"),
    Visit(path: "/scatter.svg", type: "image/svg+xml"),
    Visit(path: "/scatter.csv", type: "text/csv"),
    Visit(path: "/scatter.json", type: "application/json"),
    Visit(path: "/parallel.svg", type: "image/svg+xml"),
    Visit(path: "/parallel.csv", type: "text/csv"),
    Visit(path: "/parallel.json", type: "application/json"),
    Visit(path: "/lineage.svg", type: "image/svg+xml"),
    Visit(path: "/lineage.csv", type: "text/csv"),
    Visit(path: "/curve.svg", query: [("model", "m0")], type: "image/svg+xml"),
    Visit(path: "/curve.svg", query: [("model", "m1")], status: 404),
    Visit(path: "/graph.svg", query: [("model", "m1")], type: "image/svg+xml"),
    Visit(path: "/graph.csv", query: [("model", "m1")], type: "text/csv"),
    Visit(path: "/graph.svg", query: [("model", "nothing")], status: 404),
    Visit(
      path: "/layers.svg", query: [("metric", "norms"), ("model", ServedZoo.hostile[0])],
      type: "image/svg+xml"),
    Visit(path: "/layers.svg", query: [("metric", "no_such"), ("model", "m0")], status: 404),
    Visit(path: "/style.css", type: "text/css"), Visit(path: "/script.js", type: "text/javascript"),
    Visit(path: "/icon.svg", type: "image/svg+xml"), Visit(path: "/nothing", status: 404),
    Visit(path: "/../../etc/passwd", status: 404), Visit(path: "/scatter.exe", status: 404),
    Visit(path: "", status: 404),
  ]

  @Test("every page answers as it should, and gives nothing away", arguments: visits)
  func everyPage(_ visit: Visit) async throws {
    let zoo = try await ServedZoo.shared()
    let answer = try await zoo.get(visit.path, visit.query)
    #expect(answer.status == visit.status)
    #expect(answer.header("Content-Type")?.hasPrefix(visit.type + ";") == true)
    let policy = try #require(answer.header("Content-Security-Policy"))
    #expect(policy.hasPrefix("default-src 'none';") && !policy.contains("unsafe"))
    #expect(answer.header("X-Content-Type-Options") == "nosniff")
    #expect(answer.header("Cross-Origin-Resource-Policy") == "same-origin")
    let text = answer.text
    // Where on the machine the models are.
    #expect(!text.contains(zoo.root))
    guard visit.type == "text/html" || visit.type == "image/svg+xml" else { return }
    #expect(!text.contains("<script>alert") && !text.contains("<img"))
    // Neither styles nor handlers stand in the page, as the policy forbids them.
    #expect(!text.contains(" style=") && !text.contains("<style"))
    #expect(!text.contains("http://") || visit.path.hasSuffix(".svg") || text.contains("<svg"))
  }

  /// The names in the rows of the table.
  private func names(_ query: [(String, String)]) async throws -> [String] {
    let text = try await ServedZoo.shared().get("/", query).text
    return text.matches(of: /<th scope="row"><a href="[^"]*">([^<]*)<\/a>/).map { String($0.1) }
  }

  @Test func filterSortAndPages() async throws {
    #expect(try await names([]).count == 12)
    #expect(
      try await names([("where", "\"group\" = 'even'"), ("sort", "-seed")])
        == ["m8", "m6", "m4", "m2", "m0"])
    #expect(
      try await names([("sort", "seed"), ("size", "4"), ("where", "seed >= 0")])
        == ["m0", "m1", "m2", "m3"])
    #expect(
      try await names([("sort", "seed"), ("size", "4"), ("page", "3"), ("where", "seed >= 0")])
        == ["m8", "m9"])
    // A page behind the last one is the last one.
    #expect(
      try await names([("sort", "seed"), ("size", "4"), ("page", "9"), ("where", "seed >= 0")])
        == ["m8", "m9"])
    #expect(try await names([("where", "0")]) == [])
  }

  @Test func theFilterSaysWhatIsWrongAndStays() async throws {
    let page = try await ServedZoo.shared().get("/", [("where", "accuracy > '<b>'")]).text
    #expect(page.contains("no such column: accuracy; there is test_accuracy"))
    #expect(page.contains("value=\"accuracy &gt; &#39;&lt;b&gt;&#39;\""))
    #expect(page.contains("aria-invalid=\"true\""))
  }

  @Test func chosenColumnsAndModelsStayInAllLinks() async throws {
    let zoo = try await ServedZoo.shared()
    let page = try await zoo.get(
      "/", [("column", "seed"), ("model", "m3"), ("size", "2"), ("where", "seed > 0")]
    ).text
    #expect(page.contains("aria-sort") == false)
    for link in page.matches(of: /<th scope="col"[^>]*><a href="([^"]*)"/) {
      #expect(link.1.contains("column=seed") && link.1.contains("model=m3"))
      #expect(link.1.contains("where=seed%20%3E%200"))
    }
    // Chosen on another page: goes along with the form.
    #expect(page.contains("<input type=\"hidden\" name=\"model\" value=\"m3\">"))
    let answer = try await zoo.get("/", [("column", "seed"), ("column", "name")])
    #expect(answer.status == 303 && answer.header("Location") == "/?column=seed%2Cname")
  }

  @Test func theTableAsCSVHasAllRows() async throws {
    let answer = try await ServedZoo.shared().get(
      "/models.csv",
      [("where", "seed >= 0"), ("size", "2"), ("column", "file,seed"), ("sort", "-seed")])
    let lines = answer.text.split(separator: "\n")
    #expect(lines.count == 11 && lines[0] == "name,file,seed" && lines[1] == "m9,m9.h5,9")
    #expect(answer.header("Content-Disposition") == "attachment; filename=\"models.csv\"")
  }

  @Test func aModelTellsItsFamilyHistoryAndTensors() async throws {
    let zoo = try await ServedZoo.shared()
    let parent = try await zoo.get("/model", [("name", "m0")]).text
    for child in ["m1", "m2", "m3"] {
      #expect(parent.contains("<a href=\"/model?name=\(child)\">"))
    }
    #expect(parent.contains("<h2>Learning curve</h2>") && parent.contains("0.weight"))
    #expect(parent.contains("<h2>norms</h2>") && parent.contains("<h2>Layers</h2>"))
    let child = try await zoo.get("/model", [("name", "m1")]).text
    #expect(child.contains("<a href=\"/model?name=m0\">m0</a>"))
    #expect(!child.contains("Learning curve"))
    let curve = try await zoo.get("/curve.csv", [("model", "m0")]).text
    #expect(
      curve.contains("loss,test,2.0,2.5") && curve.contains("learning rate,learning rate,3.0,0.01"))
  }

  @Test func aComparisonShowsWhatDiffers() async throws {
    let zoo = try await ServedZoo.shared()
    let short = try await zoo.get("/compare", [("model", "m1"), ("model", "m2")]).text
    #expect(short.contains("<th scope=\"row\">seed</th><td>1</td><td>2</td>"))
    #expect(!short.contains("<th scope=\"row\">parent</th>"))
    let whole = try await zoo.get("/compare", [("model", "m1"), ("model", "m2"), ("all", "1")]).text
    #expect(whole.contains("<th scope=\"row\">parent</th><td>m0</td><td>m0</td>"))
    let many = (0..<30).map { ("model", "m\($0)") }
    let limited = try await zoo.get("/compare", many).text
    #expect(limited.contains("10 of the 30 that were asked for are shown"))
  }

  @Test func aScatterSaysHowFarColumnsGoTogether() async throws {
    let zoo = try await ServedZoo.shared()
    let page = try await zoo.get("/scatter", [("x", "seed"), ("y", "test_accuracy")]).text
    // A line exactly: r and ρ are 1 of ten; the two without numbers are said.
    #expect(page.contains("<td class=\"n\">10</td><td class=\"n\">1.00</td><td>1.00 to 1.00</td>"))
    #expect(page.contains("2 models are left out"))
    let constant = try await zoo.get("/scatter", [("x", "parameters"), ("y", "tensors")]).text
    #expect(constant.contains("one of them does not vary"))
    let csv = try await zoo.get("/scatter.csv", [("x", "seed"), ("y", "test_accuracy")]).text
    #expect(csv.split(separator: "\n").count == 11 && csv.hasPrefix("name,group,x,y\n"))
  }

  @Test func coloursAreKeptWithoutScripts() async throws {
    let zoo = try await ServedZoo.shared()
    #expect(try await zoo.get("/").text.contains("<html lang=\"en\">"))
    let dark = try await zoo.get("/", cookie: "theme=dark").text
    #expect(dark.contains("<html lang=\"en\" data-theme=\"dark\">"))
    #expect(try await zoo.get("/", cookie: "theme=\"><b>").text.contains("<html lang=\"en\">"))
    let back = try await zoo.get(
      "/theme", [("to", "system"), ("back", "/scatter?x=seed&y=a%20b")])
    #expect(back.header("Location") == "/scatter?x=seed&y=a%20b")
    #expect(back.header("Set-Cookie")?.contains("Max-Age=0") == true)
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
  func pagesAreOnlyRead(_ method: String) async throws {
    let site = try await ServedZoo.shared().site()
    let answer = await site.respond(to: Request("/", method: method, host: "localhost"))
    #expect(answer.status == 405 && answer.header("Allow") == "GET, HEAD")
  }

  @Test func whatIsNoIndexIsRefused() async throws {
    let zoo = try await ServedZoo.shared()
    for path in [zoo.root + "/nothing.sqlite", zoo.root, zoo.root + "/zoo/m0.h5"] {
      #expect(throws: (any Error).self) {
        try Site(index: path, access: .thisMachine, readers: 1)
      }
    }
  }

  /// A scan makes one plain file again at its end, which it cannot while a page has the index open: one that
  /// ended with "another process is writing" had found this server.
  @Test func aScanEndsWellWhilePagesAreRead() async throws {
    let zoo = try await ServedZoo.shared()
    let path = zoo.root + "/scanned.sqlite"
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: zoo.index, toPath: path)
    let site = try Site(index: path, access: .thisMachine, readers: 2)
    func progress() async -> Response {
      await site.respond(to: Request("/progress", host: "localhost"))
    }
    #expect(await progress().header("X-Live") == "0")
    let writer = try ZooIndex.open(writing: path)
    _ = try await ZooScanner(options: .init(metrics: [SpectrumMetric()])).scan(writer)
    let during = await progress()
    #expect(during.header("X-Live") == "1" && during.text.contains("is writing this index now"))
    #expect(during.text.contains("<th scope=\"row\">spectrum</th>"))
    try writer.close()
    let after = await progress()
    #expect(after.status == 200 && after.header("X-Live") == "0")
    #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
  }
}
