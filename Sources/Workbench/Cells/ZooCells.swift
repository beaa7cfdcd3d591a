import Support
import WeightFiles
public import ZooIndex

/// Which models of an index belong together: the trainings of one cell of a grid, which differ in nothing
/// but their start, and the checkpoints of each training.
public struct ZooCells: Sendable {
  /// One model, as the index knows it.
  private struct Entry {
    var id: Int64
    var file: String
    var content: String
    var seed: IndexValue
    var epoch: Double
    var key: Key
  }

  private struct Key: Hashable {
    var load: Double
    var temperature: Double
    /// Networks of other tensors are no neighbours, wherever they stand in the grid.
    var structure: String
  }

  /// How a grid is called in words.
  public let axes: String
  private var cells: [[Int64]] = []
  private var places: [Int64: (cell: Int, place: Int)] = [:]
  private var runs: [Int64: [Int64]] = [:]
  private var undecided: Set<Int64> = []
  private var contents: [Int64: String] = [:]
  private var files: [Int64: String] = [:]

  /// Gathers the models of an index. Those that are alike in load and temperature and have tensors of the
  /// same names and shapes are one cell, in the order of their seeds.
  ///
  /// - Parameters:
  ///   - load: the column of the load; nil means by its usual names.
  ///   - temperature: the column of the temperature; nil means by its usual names.
  ///   - filter: an SQL expression; models that it leaves out belong nowhere.
  /// - Throws: `Diagnostic` of code `usage` where a column is not there.
  public init(
    _ index: ZooIndex, load: String?, temperature: String?, where filter: String?
  ) throws {
    let heading = try index.columns().map(\.name)
    let load = try PhaseColumns.axis(load, PhaseColumns.loads, "load", in: heading)
    let temperature = try PhaseColumns.axis(
      temperature, PhaseColumns.temperatures, "temperature", in: heading)
    axes = "\(load) and \(temperature)"
    let ends = Set(try index.models(where: try RunEnds(index, where: filter).filter))
    var query = IndexQuery()
    query.filter = filter
    query.columns = ["id", "file", "content", "structure", load, temperature]
    let further = ["seed", "checkpoint_epoch"].map { PhaseColumns.first(of: [$0], in: heading) }
    query.columns += further.compactMap { $0 }
    let entries = try index.ask(query).rows.compactMap { row -> Entry? in
      guard case .integer(let id) = row[0], let x = row[4].number, let y = row[5].number else {
        return nil
      }
      let rest = Array(row.dropFirst(6))
      return Entry(
        id: id, file: row[1].text, content: row[2].text,
        seed: further[0] == nil ? .null : rest[0],
        epoch: further[1] == nil ? 0 : rest.last?.number ?? 0,
        key: Key(load: x, temperature: y, structure: row[3].text))
    }
    files = Dictionary(entries.map { ($0.id, $0.file) }) { first, _ in first }
    contents = Dictionary(entries.map { ($0.id, $0.content) }) { first, _ in first }
    let finished = Dictionary(grouping: entries.filter { ends.contains($0.id) }, by: \.key)
    for (_, members) in finished {
      let sorted = members.sorted {
        let (a, b) = ($0.seed.number ?? .infinity, $1.seed.number ?? .infinity)
        return a == b ? NaturalOrder.precedes($0.file, $1.file) : a < b
      }
      for (place, member) in sorted.enumerated() { places[member.id] = (cells.count, place) }
      cells.append(sorted.map(\.id))
    }
    for checkpoint in entries.filter({ !ends.contains($0.id) }).sorted(by: { $0.epoch < $1.epoch })
    {
      let own = (finished[checkpoint.key] ?? []).filter { $0.seed == checkpoint.seed }
      let named = own.filter { checkpoint.file.hasPrefix(Self.stem($0.file)) }
      if let end = own.count == 1 ? own.first : named.count == 1 ? named.first : nil {
        runs[end.id, default: []].append(checkpoint.id)
      } else {
        undecided.formUnion(own.map(\.id))
      }
    }
  }

  /// A file's path without its ending.
  private static func stem(_ file: String) -> Substring {
    guard let dot = file.lastIndex(of: "."), !file[dot...].contains("/") else { return file[...] }
    return file[..<dot]
  }

  /// The file of a model, as the index has it.
  func file(of model: Int64) -> String { files[model] ?? "model \(model)" }

  /// Whether a model is the end of a training in a cell.
  func isEnd(_ model: Int64) -> Bool { places[model] != nil }

  /// The other trainings of a model's cell, in the order of their seeds.
  func others(of model: Int64) -> [Int64] {
    guard let (cell, _) = places[model] else { return [] }
    return cells[cell].filter { $0 != model }
  }

  /// The trainings that a model is paired with, so that every pair of its cell is one model's.
  func pairs(of model: Int64) -> [Int64] {
    guard let (cell, place) = places[model] else { return [] }
    return Self.partners(of: place, among: cells[cell].count).map { cells[cell][$0] }
  }

  /// The partners of a place on a circle: those that follow it, as far as the other side, which belongs to
  /// the places before it. Of three places each has the next one.
  static func partners(of place: Int, among count: Int) -> [Int] {
    guard count > 1 else { return [] }
    let hasOpposite = count % 2 == 0 && place < count / 2
    return (1..<(count + 1) / 2 + (hasOpposite ? 1 : 0)).map { (place + $0) % count }
  }

  /// The last checkpoints of a model's training before its end, the oldest first.
  ///
  /// - Throws: `Diagnostic` of code `badData` where several trainings could have written them.
  func checkpoints(of model: Int64, last count: Int) throws -> [Int64] {
    guard !undecided.contains(model) else {
      throw Diagnostic(
        .badData,
        "several models of its cell have its seed, so that it is not told whose checkpoints are whose",
        remedy: "choose one of them with an expression")
    }
    return Array((runs[model] ?? []).suffix(count))
  }

  /// What the numbers of a model measured beside others depend on.
  func fingerprint(_ models: [Int64]) -> String {
    String(
      FileHash.sha256(of: models.map { contents[$0] ?? "" }.joined(separator: " ")).prefix(16))
  }
}
