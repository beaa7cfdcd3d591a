import Foundation
import ModelGraph
import WeightFiles
import WorkbenchCore

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
    let (labels, notes) = try documentLabels(unit, catalog)
    record.labels += labels
    record.notes = notes
    record.labels += unit.pathLabels + (given[record.name] ?? [])
    return record
  }

  /// The labels of documents beside the model, and of those that its folder or cache holds.
  private func documentLabels(
    _ unit: ModelUnit, _ catalog: Catalog
  ) throws -> (labels: [Label], notes: [String]) {
    var (labels, notes) = try LabelReading.labels(of: unit)
    if unit.layout == .cache, let bytes = catalog.documents["config.json"] {
      labels += LabelReading.scalars(try PythonJSON.parse(bytes), "config.json")
    }
    return (labels, notes)
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

extension ModelRecord {
  /// What a catalogue tells.
  init(_ unit: ModelUnit, _ catalog: Catalog) {
    let graph = try? ModelGraph(catalog)
    var counts: [ElementType: Int] = [:]
    for entry in catalog.tensors { counts[entry.elementType, default: 0] += entry.elementCount }
    let common = counts.max {
      ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue)
    }
    let unread = catalog.unreadTensors
    let stored = catalog.tensors.reduce(0) {
      $0 + ($1.elementType.isFloatingPoint ? $1.elementCount : 0)
    }
    self.init(
      name: catalog.text("name").flatMap { $0.isEmpty ? nil : $0 } ?? unit.name, file: unit.path,
      format: catalog.format, producer: catalog.producer,
      parameters: graph?.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) } ?? stored,
      byteCount: catalog.tensors.reduce(0) { $0 &+ $1.byteCount }
        &+ unread.reduce(0) { $0 &+ ($1.tensor?.byteCount ?? 0) },
      elementType: common?.key ?? .float32, fingerprint: graph?.fingerprint,
      architecture: graph?.source, structure: ModelRecord.structure(catalog.tensors),
      parent: catalog.text("parent"), parentHash: catalog.text("parent_sha256"),
      skippedCount: catalog.skipped.count, parts: catalog.parts,
      isAddressable: catalog.isAddressable, partByteCount: catalog.byteCount,
      tensors: catalog.tensors.map { TensorRecord(entry: $0, hash: nil) },
      unread: unread.map { UnreadTensorRecord(object: $0, hash: nil) }, labels: [])
  }

  /// A hash of the names, types and shapes of tensors: 16 hexadecimal digits.
  static func structure(_ tensors: [TensorEntry]) -> String {
    let lines = tensors.map { "\($0.name) \($0.elementType.rawValue) \($0.shape)" }.sorted()
    let digest = SHA256.digest(of: lines.joined(separator: "\n"))
    return digest.prefix(8).hexadecimal
  }

  /// A hash of what all tensors hold but an optimiser's, whatever their names and order; nil where one
  /// was not read. A tensor whose bytes are not to be had is like none of another file.
  static func content(
    _ tensors: [TensorRecord], _ unread: [UnreadTensorRecord] = [], of file: String = ""
  ) -> [UInt8]? {
    var lines: [String] = []
    for tensor in tensors where tensor.entry.role != .optimiserState {
      guard let hash = tensor.hash else { return nil }
      lines.append(
        "\(tensor.entry.elementType.rawValue) \(tensor.entry.shape) \(hash.hexadecimal)")
    }
    for tensor in unread where TensorRole(ofTensorNamed: tensor.object.name) != .optimiserState {
      let known = tensor.object.tensor
      let shape = known?.shape.map { "\($0)" } ?? "?"
      let bytes = tensor.hash?.hexadecimal ?? "\(tensor.object.name) of \(file)"
      lines.append("not read: \(known?.dtype ?? "?") \(shape) \(bytes)")
    }
    let digest = SHA256.digest(of: lines.sorted().joined(separator: "\n"))
    return Array(digest.prefix(16))
  }
}
