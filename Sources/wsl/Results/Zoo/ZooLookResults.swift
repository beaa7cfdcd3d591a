import Foundation
import Reports
import Support
import ZooIndex

/// What `wsl zoo duplicates` says.
struct ZooDuplicatesResult: Encodable {
  var index: String
  var models: [Duplicates.Models]
  var tied: [Duplicates.Tied]
  var shared: [Duplicates.Shared]
  var unhashed: Int
  /// Models with tensors that are not read and whose bytes are not to be had.
  var notCompared: Int

  init(index: String, found: Duplicates) {
    self.index = index
    models = found.models
    tied = found.tied
    shared = found.shared
    unhashed = found.unhashed
    notCompared = found.notCompared
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
    if notCompared > 0 {
      lines.append(
        "\(notCompared) models have tensors that are not read, and whose bytes are not to be had: "
          + "they are not called the same as others")
    }
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

  /// The most models that are shown at once.
  private static let limit = 100

  /// The models of a name or a file, or of a pattern of either with `*`, `?` and `[…]`.
  ///
  /// - Throws: `Diagnostic` of code `usage` where no model has that name, several have it, or too many
  ///   fit the pattern.
  static func all(_ zoo: ZooIndex, _ name: String) throws -> [ZooShowResult] {
    let absolute = URL(fileURLWithPath: name).standardizedFileURL.path
    var query = IndexQuery()
    query.filter = "? IN (name, file) OR file = ?"
    query.arguments = [.text(name), .text(absolute)]
    query.columns = try zoo.columns().map(\.name)
    var found = try zoo.ask(query)
    let isPattern = found.rows.isEmpty && name.contains { "*?[".contains($0) }
    if isPattern {
      query.filter = "name GLOB ? OR file GLOB ?"
      query.arguments = [.text(name), .text(name)]
      found = try zoo.ask(query)
    }
    guard !found.rows.isEmpty else {
      let near = try ZooShowResult.near(name, in: zoo)
      throw Diagnostic(
        .usage, "no model is called '\(name)'", at: [zoo.path],
        remedy: near.isEmpty
          ? "`wsl zoo list` lists their names; a pattern such as 'seed*' shows several"
          : "there is \(near.joined(separator: ", "))")
    }
    guard found.rows.count <= (isPattern ? limit : 1) else {
      let files = found.rows.prefix(3).map { $0[2].text }.joined(separator: ", ")
      throw Diagnostic(
        .usage, "\(found.rows.count) models are called '\(name)'", at: [zoo.path],
        remedy: isPattern
          ? "show at most \(limit) of them, or ask `wsl zoo list`" : "name its file: \(files)")
    }
    return try found.rows.map { try ZooShowResult(zoo, found.columns, $0) }
  }

  /// Names that hold a part of what was asked for.
  private static func near(_ name: String, in zoo: ZooIndex) throws -> [String] {
    let part = name.filter { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    guard part.count > 1 else { return [] }
    var query = IndexQuery()
    query.filter = "instr(lower(name), ?) > 0"
    query.arguments = [.text(part.lowercased())]
    query.groups = ["name"]
    query.limit = 5
    return try zoo.ask(query).rows.map { $0[0].text }
  }

  /// Gathers what an index knows of a model.
  private init(_ zoo: ZooIndex, _ columns: [String], _ row: [IndexValue]) throws {
    model = ZooListResult.Object(columns: columns, values: row)
    func rows(_ subject: IndexQuery.Subject, _ columns: [String]) throws
      -> [ZooListResult.Object]
    {
      var query = IndexQuery()
      query.subject = subject
      query.filter = "id = ?"
      query.arguments = [row[0]]
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
    family.filter = "parent_file = ?"
    family.arguments = [row[2]]
    family.columns = ["file"]
    children = try zoo.ask(family).rows.map { $0[0].text }
  }

  /// The result for a person.
  var text: String {
    var facts = TextTable([.text("column"), .text("value")])
    for (column, value) in zip(model.columns, model.values) where !value.text.isEmpty {
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

extension ZooVerifyResult: TabularResult {
  /// A row a finding.
  var table: ResultTable {
    ResultTable(
      ["file", "kind", "reason"],
      findings.map { [.text($0.file), .text($0.kind.rawValue), .text($0.reason)] })
  }
}
