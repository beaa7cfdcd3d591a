import Archives
import Catalogs
import Formats
import Foundation
import Support
import WeightFiles

/// Opens a unit and tells what the index keeps of it.
struct UnitReader: Sendable {
  /// What the isolated worker may use for a file.
  var limits: WorkerLimits
  /// Models whose tensors take no more bytes are read and hashed.
  var hashLimit: Int
  /// Labels that a spec gives by the model's name.
  var given: [String: [Label]] = [:]
  /// Which checkpoints of trials in archives are models.
  var epochs = FolderWalk.Epochs.last
  /// How models lie in archives.
  var layout: LayoutSpec?

  /// Reads a unit, and hands over what it holds, piece by piece.
  ///
  /// - Returns: where the unit is an archive, the units in it, which are to be read; otherwise nil.
  /// - Throws: what `take` throws, and interruption. Failures of the unit are told as an event.
  func read(
    _ unit: ModelUnit, _ take: @Sendable (UnitEvent, ModelUnit) async throws -> Void
  ) async throws -> [ModelUnit]? {
    do {
      if unit.layout == .packed {
        let file = try await WeightFile.open(unit.path, limits: limits)
        try await PackedArray(unit, file).read(hashLimit: hashLimit) {
          try await take(.models($0), unit)
        }
      } else {
        guard FileStamp(ofModel: unit.path)?.kind != .other else {
          throw Diagnostic(
            .badData, "this is not a regular file", remedy: "remove it, or leave it out")
        }
        switch try await open(unit.path) {
        case .model(let file): try await take(.models([try record(of: unit, file)]), unit)
        case .archive(let archive): return try await members(of: archive, unit, take)
        }
      }
      try await take(.finished, unit)
    } catch let error as Diagnostic {
      if error.code == .interrupted || error.code == .cannotWrite { throw error }
      try await take(.failed(reason: UnitReader.reason(error, unit), code: error.code), unit)
    }
    return nil
  }

  private func open(_ path: String) async throws -> OpenedFile {
    // By the way that members are opened, so that a stream is inflated once.
    if WeightFileName.isArchive(path), MemberPath(path) == nil,
      let archive = try? await MemberPath(archive: path, member: "").openArchive(limits: limits)
    {
      return .archive(archive)
    }
    return try await WeightFile.openAny(path, limits: limits)
  }

  private func members(
    of archive: ModelArchive, _ unit: ModelUnit,
    _ take: @Sendable (UnitEvent, ModelUnit) async throws -> Void
  ) async throws -> [ModelUnit] {
    guard let stamp = FileStamp(of: unit.path) else {
      throw Diagnostic(.noInput, "the file is gone")
    }
    var unit = unit
    unit.layout = .archive
    try await take(.finished, unit)
    let walk = FolderWalk(archive, stamp: stamp, epochs: epochs, layout: layout)
    for failure in walk.failures {
      var member = unit
      (member.path, member.layout) = (failure.file, .file)
      try await take(.failed(reason: failure.reason, code: failure.code), member)
    }
    return walk.units
  }

  /// The error without the unit's own path, which stands beside it.
  static func reason(_ error: Diagnostic, _ unit: ModelUnit) -> String {
    var error = error
    let archive = MemberPath(unit.path)?.archive
    error.location.removeAll { $0 == unit.path || $0 == archive }
    return error.description
  }

  private func record(of unit: ModelUnit, _ file: WeightFile) throws -> ModelRecord {
    let catalog = file.catalog
    if let damage = catalog.skipped.first(where: \.isDamage) {
      throw Diagnostic(
        .badData, damage.reason, at: [damage.name],
        remedy: "the file is damaged or hostile: do not use it")
    }
    guard !catalog.tensors.isEmpty else {
      let reason = catalog.skipped.first.map { ": \($0.name): \($0.reason)" } ?? ""
      let whichAreRead = reason.isEmpty ? "" : " that can be read"
      throw Diagnostic(.badData, "it holds no tensors\(whichAreRead)\(reason)")
    }
    var record = ModelRecord(unit, catalog)
    if record.byteCount <= hashLimit {
      for index in record.tensors.indices {
        record.tensors[index].hash = try UnitReader.hash(record.tensors[index].entry, in: file)
      }
      for index in record.unread.indices {
        guard let content = record.unread[index].object.tensor?.content else { continue }
        record.unread[index].hash = try UnitReader.hash(content, in: file)
      }
      record.content = ModelRecord.content(record.tensors, record.unread, of: record.file)
    }
    let own = LabelReading.labels(of: catalog)
    record.labels = own + (LabelReading.width(of: own).map { [$0] } ?? [])
    if let epoch = unit.epoch {
      record.labels.append(Label("epoch", .integer(Int64(epoch)), origin: "path"))
    }
    let (labels, notes) = documentLabels(unit, catalog)
    record.labels += labels
    record.notes = notes
    record.labels += unit.pathLabels + (given[record.name] ?? [])
    record.parent = record.parent ?? UnitReader.base(labels)
    return record
  }

  /// The labels of documents beside the model, and of those that its file, folder or cache holds.
  private func documentLabels(
    _ unit: ModelUnit, _ catalog: Catalog
  ) -> (labels: [Label], notes: [String]) {
    var (labels, notes) = LabelReading.labels(of: unit)
    let isCache = unit.layout == .cache
    if isCache, let json = json(catalog.documents["config.json"], &notes) {
      labels += LabelReading.facts(json, "config.json")
    }
    let hasDocument = unit.documents.contains { $0.role == .adapter }
    let own = catalog.text(LabelReading.adapterDocument).map { Array($0.utf8) }
    let adapter = isCache ? catalog.documents[LabelReading.adapterDocument] ?? own : own
    if !hasDocument, let json = json(adapter, &notes) { labels += LabelReading.adapter(json) }
    return (labels, notes)
  }

  private func json(_ bytes: [UInt8]?, _ notes: inout [String]) -> JSONValue? {
    guard let bytes else { return nil }
    do { return try PythonJSON.parse(bytes) } catch {
      notes.append("its configuration tells nothing: it is not JSON")
      return nil
    }
  }

  /// The model that an adapter was trained on top of.
  private static func base(_ labels: [Label]) -> String? {
    let name = labels.last {
      $0.origin == LabelReading.adapterDocument && $0.name == "base_model_name_or_path"
    }?.value.text
    return name.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The hash of a tensor's elements.
  static func hash(_ entry: TensorEntry, in file: WeightFile) throws -> [UInt8] {
    let text = try file.checksum(entry, .xxh3, jobs: 1).dropFirst("xxh3:".count)
    return stride(from: 0, to: text.count, by: 2).map { place in
      let start = text.index(text.startIndex, offsetBy: place)
      return UInt8(text[start..<text.index(start, offsetBy: 2)], radix: 16) ?? 0
    }
  }
}
