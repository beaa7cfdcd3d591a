import Catalogs
import Foundation
import Support
import Tensors
import WeightFiles

/// An array whose rows are models, with a table that says which columns are which tensor (the Small
/// CNN Zoo of Unterthiner et al. 2020: `weights.npy`, `layout.csv`, `metrics.csv.gz`).
struct PackedArray: Sendable {
  /// A range of columns that is a tensor.
  struct Span: Sendable {
    var name: String
    var start: Int
    var shape: [Int]
  }

  private static let batch = 256
  private let unit: ModelUnit
  private let file: WeightFile
  private let array: TensorEntry
  private let start: Int
  private let spans: [Span]
  private let table: TableFile?

  /// Reads the tables, and checks them against the array.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  init(_ unit: ModelUnit, _ file: WeightFile) throws {
    self.unit = unit
    self.file = file
    guard let array = file.catalog.tensors.first, array.shape.count == 2,
      case .contiguous(let start) = array.layout
    else {
      throw Diagnostic(
        .badData, "it is no array of two axes whose rows lie one after the other",
        remedy: "store a row a model, in C order")
    }
    self.array = array
    self.start = start
    spans = try unit.documents.filter { $0.role == .columns }.flatMap {
      try PackedArray.spans(TableFile(contentsOf: $0.path), width: array.shape[1], path: $0.path)
    }
    table = try unit.documents.first { $0.role == .table }.map {
      try TableFile(contentsOf: $0.path)
    }
    if let table, table.rows.count != array.shape[0] {
      throw Diagnostic(
        .badData, "its table has \(table.rows.count) rows, and the array \(array.shape[0])")
    }
  }

  /// The tensors that a table of columns tells.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a range is not within the width.
  static func spans(_ table: TableFile, width: Int, path: String) throws -> [Span] {
    func place(_ name: String) throws -> Int {
      guard let place = table.columns.firstIndex(of: name) else {
        throw Diagnostic(.badData, "it has no column \(name)", at: [path])
      }
      return place
    }
    let (names, starts, ends, shapes) = (
      try place("varname"), try place("start_idx"), try place("end_idx"), try place("shape")
    )
    return try table.rows.enumerated().map { index, row in
      let lengths = row[shapes].split { !$0.isNumber }.compactMap { Int($0) }
      guard let start = Int(row[starts]), let end = Int(row[ends]), 0 <= start, start <= end,
        end <= width, checkedProduct(lengths) == end - start
      else {
        throw Diagnostic(
          .badData, "\(row[starts])…\(row[ends]) is no range for the shape \(row[shapes])",
          at: [path, "line \(index + 2)"])
      }
      var name = row[names]
      if name.hasSuffix(":0") { name.removeLast(2) }
      return Span(name: name, start: start, shape: lengths)
    }
  }

  /// Tells all rows, some at a time.
  func read(
    hashLimit: Int, _ take: @Sendable ([ModelRecord]) async throws -> Void
  ) async throws {
    let isHashed = array.byteCount <= hashLimit
    let structure = ModelRecord.structure(entries(ofRow: 0))
    var batch: [ModelRecord] = []
    for row in 0..<array.shape[0] {
      let entries = entries(ofRow: row)
      var record = ModelRecord(
        member: String(row), name: "\(unit.name)#\(row)", file: "\(unit.path)#\(row)",
        place: "\(unit.place)#\(row)",
        format: .numpy, producer: file.catalog.producer,
        parameters: spans.reduce(0) { $0 + $1.shape.reduce(1, *) },
        byteCount: entries.reduce(0) { $0 + $1.byteCount }, elementType: array.elementType,
        structure: structure, parts: file.catalog.parts, isAddressable: file.catalog.isAddressable,
        partByteCount: file.catalog.byteCount,
        tensors: try entries.map { entry in
          TensorRecord(entry: entry, hash: isHashed ? try UnitReader.hash(entry, in: file) : nil)
        }, labels: labels(ofRow: row))
      record.content = isHashed ? ModelRecord.content(record.tensors) : nil
      batch.append(record)
      if batch.count == PackedArray.batch {
        if Task.isCancelled { throw Diagnostic(.interrupted, "interrupted") }
        try await take(batch)
        batch.removeAll(keepingCapacity: true)
      }
    }
    if !batch.isEmpty { try await take(batch) }
  }

  private func entries(ofRow row: Int) -> [TensorEntry] {
    let size = array.elementType.byteCount
    return spans.map { span in
      TensorEntry(
        name: span.name, shape: span.shape, elementType: array.elementType,
        isBigEndian: array.isBigEndian,
        layout: .contiguous(offset: start + (row * array.shape[1] + span.start) * size))
    }
  }

  private func labels(ofRow row: Int) -> [Label] {
    guard let table else { return unit.pathLabels }
    let origin =
      unit.documents.first { $0.role == .table }.map {
        ($0.path as NSString).lastPathComponent
      } ?? "table"
    return unit.pathLabels
      + zip(table.columns, table.rows[row]).map { name, cell in
        Label(
          name.hasPrefix("config.") ? String(name.dropFirst(7)) : name, IndexValue(cell: cell),
          origin: origin)
      }
  }
}
