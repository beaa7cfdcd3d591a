import Support
import Synchronization
import ZooIndex

/// An index as the pages see it: what all of them need is asked once, and again where another process
/// has changed the index.
final class ServedIndex: Sendable {
  /// What pages need to know before they ask.
  struct Overview: Sendable {
    /// The columns of models.
    var columns: [IndexColumn]
    /// Those that are shown where nobody chose.
    var usual: [String]
    /// The folder that holds all files, with a slash at its end.
    var folder: String
    /// How many models there are.
    var count: Int
    /// The index's count of changes.
    fileprivate var changes: Int

    /// The columns whose values are numbers.
    var numbers: [String] {
      columns.filter { $0.type == "integer" || $0.type == "real" }.map(\.name)
    }
  }

  /// How long a question of a reader may take, in seconds.
  static let seconds = 20.0

  private let index: ZooIndex
  private let known = Mutex<Overview?>(nil)

  init(_ index: ZooIndex) { self.index = index }

  /// The index's name, without the folders that it is in.
  var name: String { String(index.path.split(separator: "/").last ?? "index") }

  /// What all pages need to know.
  func overview() throws -> Overview {
    let changes = try index.changeCount()
    if let overview = known.withLock({ $0 }), overview.changes == changes { return overview }
    var all = IndexQuery()
    all.countsOnly = true
    let overview = Overview(
      columns: try index.columns(), usual: Self.ordered(try index.usualColumns()),
      folder: try index.commonFolder(), count: try ask(all).rows.first?.first?.integer ?? 0,
      changes: changes)
    known.withLock { $0 = overview }
    return overview
  }

  /// The usual columns with what people look at first in front: how good models are, then in what they
  /// differ, then what they are. A fingerprint tells a person nothing.
  private static func ordered(_ usual: [String]) -> [String] {
    func rank(_ name: String) -> Int {
      switch name {
      case "name": 0
      case "parameters", "format": 3
      case "dtype": 4
      default: name.contains("accuracy") || name.contains("loss") ? 1 : 2
      }
    }
    return usual.filter { $0 != "fingerprint" }.enumerated()
      .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }

  /// Asks, within the time that a reader has.
  func ask(_ query: IndexQuery) throws -> IndexAnswer {
    var query = query
    query.seconds = Self.seconds
    return try index.ask(query)
  }

  /// Some columns of the rows of a subject.
  func rows(
    _ columns: [String], of subject: IndexQuery.Subject = .models, where filter: String? = nil,
    _ arguments: [IndexValue] = [], limit: Int? = nil
  ) throws -> [[IndexValue]] {
    var query = IndexQuery()
    query.subject = subject
    query.columns = columns
    (query.filter, query.arguments, query.limit) = (filter, arguments, limit)
    return try ask(query).rows
  }

  /// How many models a filter takes.
  func count(where filter: String?) throws -> Int {
    guard let filter else { return try overview().count }
    var query = IndexQuery()
    query.countsOnly = true
    query.filter = filter
    return try ask(query).rows.first?.first?.integer ?? 0
  }

  /// The columns of a metric's results.
  func metrics() throws -> [MetricDescription] { try index.scannedMetrics() }

  /// How far scans have come.
  func scans() throws -> [ScanState] { try index.scanStates() }

  /// What could not be indexed.
  func failures() throws -> [IndexFailure] { try index.failures() }

  /// Lets go of the file.
  func close() { try? index.close() }

  /// Whether another process is writing.
  var isBeingWritten: Bool { index.isBeingWritten }

  /// A value of a column as a page shows it: paths from the folder that holds all models, as no page shows
  /// where on the machine that is.
  func shown(_ value: IndexValue, of column: String) throws -> String {
    switch value {
    case .real(let number): return PageNumber.text(number)
    case .text(let text) where column == "file" || column == "parent_file":
      return Self.relative(text, to: try overview().folder)
    default: return value.text
    }
  }

  /// A path, or a text with paths in it, without the folder that holds all models.
  static func relative(_ text: String, to folder: String) -> String {
    folder.count > 1 ? text.replacing(folder, with: "") : text
  }
}
