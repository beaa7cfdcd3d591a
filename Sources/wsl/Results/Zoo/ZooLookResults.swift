import Foundation
import Reports
import WorkbenchCore
import Zoo

/// What `wsl zoo duplicates` says.
struct ZooDuplicatesResult: Encodable {
  var index: String
  var models: [Duplicates.Models]
  var tied: [Duplicates.Tied]
  var shared: [Duplicates.Shared]
  var unhashed: Int

  init(index: String, found: Duplicates) {
    self.index = index
    models = found.models
    tied = found.tied
    shared = found.shared
    unhashed = found.unhashed
  }

  /// The result for a person.
  var text: String {
    var lines: [String] = []
    for group in models {
      lines.append("the same model \(group.files.count) times:")
      lines += group.files.map { "  " + $0 }
    }
    for group in tied {
      lines.append("tied in \(group.file): \(group.tensors.joined(separator: ", "))")
    }
    for group in shared {
      lines.append(
        "shared by \(group.count) models (\(NumberFormat.bytes(group.bytes))): "
          + "\(group.tensors.joined(separator: ", ")), first in \(group.files.first ?? "")")
    }
    if lines.isEmpty { lines.append("nothing is there twice") }
    if unhashed > 0 { lines.append("\(unhashed) models were not hashed: nothing is known of them") }
    return lines.map(\.escapingControlCharacters).joined(separator: "\n")
  }
}

/// What `wsl zoo verify` says.
struct ZooVerifyResult: Encodable {
  var index: String
  var models: Int
  var compared: Int
  var findings: [IndexVerification.Finding]

  init(index: String, found: IndexVerification) {
    self.index = index
    models = found.models
    compared = found.compared
    findings = found.findings
  }

  /// The result for a person.
  var text: String {
    let lines = findings.map { "\($0.kind.rawValue): \($0.file): \($0.reason)" }
    let head =
      "\(models) models, the contents of \(compared) compared; \(findings.count) are not as they were"
    return ([head] + lines).map(\.escapingControlCharacters).joined(separator: "\n")
  }
}

/// What `wsl zoo show` says.
struct ZooShowResult: Encodable {
  private let model: ZooListResult.Object
  private let tensors: [ZooListResult.Object]
  private let results: [String: [ZooListResult.Object]]
  private let children: [String]

  /// Gathers what an index knows of a model.
  ///
  /// - Throws: `Diagnostic` of code `usage` where no model, or several, have that name.
  init(_ zoo: ZooIndex, _ name: String) throws {
    let quoted = "'" + name.replacing("'", with: "''") + "'"
    let absolute =
      "'"
      + URL(fileURLWithPath: name).standardizedFileURL.path
      .replacing("'", with: "''") + "'"
    var query = IndexQuery()
    query.filter = "name = \(quoted) OR file = \(quoted) OR file = \(absolute)"
    query.columns = try zoo.columns().map(\.name)
    let found = try zoo.ask(query)
    guard found.rows.count == 1, let row = found.rows.first else {
      let files = found.rows.prefix(3).map { $0[2].text }.joined(separator: ", ")
      throw Diagnostic(
        .usage, "\(found.rows.count) models are called '\(name)'", at: [zoo.path],
        remedy: found.rows.isEmpty
          ? "`wsl zoo list` lists their names" : "name its file: \(files)")
    }
    model = ZooListResult.Object(columns: found.columns, values: row)
    let id = row[0].text
    func rows(_ subject: IndexQuery.Subject, _ columns: [String]) throws
      -> [ZooListResult.Object]
    {
      var query = IndexQuery()
      query.subject = subject
      query.filter = "id = \(id)"
      query.columns = columns
      let answer = try zoo.ask(query)
      return answer.rows.map { ZooListResult.Object(columns: answer.columns, values: $0) }
    }
    tensors = try rows(
      .tensors, ["tensor", "shape", "type", "elements", "stored", "offset", "hash"])
    var results: [String: [ZooListResult.Object]] = [:]
    for metric in try zoo.scannedMetrics() {
      results[metric.name] = try rows(.results(metric.name), ["tensor"] + metric.columns)
    }
    self.results = results
    var family = IndexQuery()
    family.filter = "parent_file = '" + row[2].text.replacing("'", with: "''") + "'"
    family.columns = ["file"]
    children = try zoo.ask(family).rows.map { $0[0].text }
  }

  /// The result for a person.
  var text: String {
    var facts = TextTable([.text("column"), .text("value")])
    for (column, value) in zip(model.columns, model.values) where value != .null {
      facts.add(column, value.text.escapingControlCharacters)
    }
    var parts = [facts.text]
    if !children.isEmpty {
      parts.append(
        "children:\n"
          + children.map { "  " + $0.escapingControlCharacters }
          .joined(separator: "\n"))
    }
    parts.append(ZooListResult.table(tensors))
    parts += results.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map {
      "\($0.key):\n\(ZooListResult.table($0.value))"
    }
    return parts.joined(separator: "\n\n")
  }
}
