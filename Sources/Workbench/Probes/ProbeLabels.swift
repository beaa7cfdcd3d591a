import Foundation
import LinearAlgebra
public import Probes
import Support
public import ZooIndex

/// What a column of an index says of models, as something to learn: classes, labels or numbers.
public struct ProbeLabels: Sendable {
  /// The kind of task.
  public enum Task: String, Sendable, Hashable, Codable {
    case classes
    case labels
    case regression

    /// What it is about, in words.
    var phrase: String {
      switch self {
      case .classes: "one class a model"
      case .labels: "a list of labels"
      case .regression: "a number"
      }
    }
  }

  /// The kind.
  public let task: Task
  /// The names of classes or labels, in the order of the scores; empty for numbers.
  public let classes: [String]
  /// What is to be said of each model.
  public let targets: ProbeTargets

  /// The most different integers that are taken for classes.
  private static let classLimit = 20

  /// Reads the cells of models that have one.
  ///
  /// Cells with lists (`a;b`, a list in brackets as Python writes it, or integers with commas as this
  /// tool writes them) are labels; texts and few different integers are classes; the rest are numbers.
  ///
  /// - Parameters:
  ///   - cells: a cell a model, none of them empty.
  ///   - asked: the kind of task, where it is not left to the cells.
  ///   - known: the classes or labels that there are, where a probe knows them already.
  /// - Throws: `Diagnostic` of code `badData` where they are neither, or all the same.
  public init(
    _ cells: [IndexValue], column: String, asked: Task? = nil, known: [String]? = nil
  ) throws {
    let task = asked ?? Self.task(of: cells)
    self.task = task
    // White space around a name is nobody's class: 'dog ' is 'dog', in a list and alone.
    let lists = cells.map {
      task == .labels
        ? LabelList.items(of: $0.text) : [$0.text.trimmingCharacters(in: .whitespaces)]
    }
    switch task {
    case .regression:
      classes = []
      let numbers = try cells.map { cell -> Double in
        guard let number = cell.number, number.isFinite else {
          throw Diagnostic(
            .badData, "'\(cell.text.prefix(40))' is no number", at: [column],
            remedy: "choose another column, or leave such models out with a filter")
        }
        return number
      }
      targets = .numbers(numbers)
      guard known != nil || Set(numbers).count > 1 else {
        throw Self.nothingToTell(column, cells.count)
      }
    case .classes, .labels:
      let names = known ?? Self.sorted(Set(lists.joined()))
      classes = names
      let places = Dictionary(
        names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
      for name in lists.joined() where places[name] == nil {
        throw Diagnostic(
          .badData, "the probe does not know the class '\(name.prefix(40))'", at: [column],
          remedy: "it knows \(names.prefix(20).joined(separator: ", "))")
      }
      if task == .classes {
        targets = .classes(lists.map { places[$0[0]] ?? 0 }, count: names.count)
        guard names.count > 1 else { throw Self.nothingToTell(column, cells.count) }
      } else {
        var values = Matrix<Float>(zeros: cells.count, names.count)
        for (row, list) in lists.enumerated() {
          for name in list { values[row, places[name] ?? 0] = 1 }
        }
        targets = .labels(values)
        guard known != nil || Set(lists.map { Set($0) }).count > 1 else {
          throw Self.nothingToTell(column, cells.count)
        }
      }
    }
  }

  private static func nothingToTell(_ column: String, _ count: Int) -> Diagnostic {
    Diagnostic(
      .badData, "all \(count) models have the same: there is nothing to tell apart", at: [column],
      remedy: "choose another column, or other models")
  }

  private static func task(of cells: [IndexValue]) -> Task {
    let texts = cells.compactMap { cell in if case .text(let text) = cell { text } else { nil } }
    if texts.contains(where: LabelList.isList) { return .labels }
    if !texts.isEmpty { return .classes }
    let integers = Set(cells.compactMap(\.integer))
    let hasReals = cells.contains { $0.integer == nil }
    return !hasReals && integers.count <= classLimit ? .classes : .regression
  }

  /// Numbers by size, then texts.
  private static func sorted(_ names: Set<String>) -> [String] {
    names.sorted { first, second in
      switch (Double(first), Double(second)) {
      case (let one?, let other?) where one != other: one < other
      case (_?, nil): true
      case (nil, _?): false
      default: first < second
      }
    }
  }
}

/// A list in a cell, read as data.
enum LabelList {
  /// Whether a text is a list.
  static func isList(_ text: String) -> Bool {
    if text.contains(";") { return true }
    if text.hasPrefix("["), text.hasSuffix("]") { return true }
    return text.contains(",")
      && text.split(separator: ",", omittingEmptySubsequences: false)
        .allSatisfy { Int($0) != nil }
  }

  /// The items of a list; of anything else the text itself.
  ///
  /// Quotes around an item are taken away. Nothing else of a language is understood.
  static func items(of text: String) -> [String] {
    guard isList(text) else { return [text] }
    var inner = Substring(text)
    var separator: Character = text.contains(";") ? ";" : ","
    if text.hasPrefix("["), text.hasSuffix("]") {
      inner = inner.dropFirst().dropLast()
      separator = ","
    }
    var items: [String] = []
    var (current, quote): (String, Character?) = ("", nil)
    func finish() {
      let item = current.trimmingCharacters(in: .whitespaces)
      if !item.isEmpty { items.append(item) }
      current = ""
    }
    for character in inner {
      if character == quote {
        quote = nil
      } else if quote == nil, character == "'" || character == "\"",
        current.allSatisfy(\.isWhitespace)
      {
        quote = character
      } else if quote == nil, character == separator {
        finish()
      } else {
        current.append(character)
      }
    }
    finish()
    return items
  }
}
