import Catalogs
public import Formats
import Foundation
import GRDB
public import Support
import WeightFiles

/// Whether the files of an index are what they were.
public struct IndexVerification: Sendable, Encodable {
  /// Something that is not as it was.
  public struct Finding: Sendable, Encodable, Hashable {
    /// What is the matter.
    public enum Kind: String, Sendable, Encodable {
      case gone
      case changed
      case damaged
    }
    /// The file.
    public var file: String
    /// What is the matter with it.
    public var kind: Kind
    /// In words.
    public var reason: String
  }

  /// The models that were looked at.
  public var models = 0
  /// Of which all contents were compared with their hashes.
  public var compared = 0
  /// What is not as it was, in the order of names.
  public var findings: [Finding] = []

  /// Looks at all files of an index. Contents are compared where the index has hashes.
  ///
  /// - Parameters:
  ///   - reads: whether contents are read; otherwise sizes and times decide.
  ///   - jobs: how many files are read at once; nil means one a processor.
  public init(
    _ index: ZooIndex, reads: Bool, limits: WorkerLimits = WorkerLimits(), jobs: Int? = nil,
    progress: ProgressHandler? = nil
  ) async throws {
    let rows = try index.translated {
      try index.queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT m.id, m.file, u.path, u.modified, m.content IS NOT NULL AS hashed
            FROM models m JOIN units u ON u.id = m.unit ORDER BY m.file
            """)
      }
    }
    let targets = try index.translated {
      try rows.map { row in
        Target(
          id: try row.cell("id"), file: try row.cell("file"), path: try row.cell("path"),
          modified: try row.cell("modified"), isHashed: try row.cell("hashed"))
      }
    }
    models = targets.count
    let found = try await withThrowingTaskGroup(of: (Finding?, Bool).self) { group in
      var results: [(Finding?, Bool)] = []
      var next = 0
      func start() {
        let target = targets[next]
        next += 1
        group.addTask { try await target.look(index, reads: reads, limits: limits) }
      }
      while next < min(targets.count, jobs ?? Parallel.processorCount) { start() }
      while let result = try await group.next() {
        results.append(result)
        progress?(ProgressUpdate("verifying", completed: results.count, total: targets.count))
        if next < targets.count { start() }
      }
      return results
    }
    findings = found.compactMap(\.0).sorted { NaturalOrder.precedes($0.file, $1.file) }
    compared = found.count { $0.1 }
  }

  /// A model to look at.
  fileprivate struct Target: Sendable {
    var id: Int64
    var file: String
    var path: String
    var modified: Int
    var isHashed: Bool

    func look(
      _ index: ZooIndex, reads: Bool, limits: WorkerLimits
    ) async throws -> (Finding?, Bool) {
      guard let stamp = FileStamp(ofModel: path) else {
        return (Finding(file: file, kind: .gone, reason: "the file is gone"), false)
      }
      let isTouched = stamp.modified != modified
      guard reads, isHashed else {
        let change = Finding(
          file: file, kind: .changed, reason: "the file was written since it was indexed")
        return (isTouched ? change : nil, false)
      }
      do {
        return (try await differing(index, limits, isTouched: isTouched), true)
      } catch let error as Diagnostic where error.code == .badData || error.code == .noInput {
        var error = error
        error.location.removeAll { $0 == path }
        let isGone = error.code == .noInput
        return (
          Finding(file: file, kind: isGone ? .gone : .damaged, reason: error.description), true
        )
      }
    }

    /// The first tensor whose contents are not what they were.
    private func differing(
      _ index: ZooIndex, _ limits: WorkerLimits, isTouched: Bool
    ) async throws -> Finding? {
      let entries = try index.entries(of: id)
      let hashes = try index.hashes(of: id)
      let file = try await WeightFile.open(path, limits: limits)
      let isMember = self.file != path
      if let finding = try differingUnread(index, file, isTouched: isTouched) { return finding }
      for (entry, hash) in zip(entries, hashes) {
        guard isMember || file.catalog.tensor(named: entry.name)?.shape == entry.shape else {
          return Finding(
            file: self.file, kind: .changed, reason: "\(entry.name) is gone, or has another shape")
        }
        let current = isMember ? entry : try file.entry(named: entry.name)
        guard try UnitReader.hash(current, in: file) == hash else {
          return Finding(
            file: self.file, kind: isTouched ? .changed : .damaged,
            reason: "\(entry.name) holds other numbers than when it was indexed")
        }
      }
      return nil
    }
  }
}

extension IndexVerification.Target {
  /// The first tensor that is not read as numbers and whose bytes are not what they were.
  fileprivate func differingUnread(
    _ index: ZooIndex, _ file: WeightFile, isTouched: Bool
  ) throws -> IndexVerification.Finding? {
    let known = Dictionary(
      file.catalog.unreadTensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (name, hash) in try index.unreadHashes(of: id) {
      guard let content = known[name]?.tensor?.content else {
        return IndexVerification.Finding(
          file: self.file, kind: .changed, reason: "\(name) is gone, or is read as numbers now")
      }
      guard try UnitReader.hash(content, in: file) == hash else {
        return IndexVerification.Finding(
          file: self.file, kind: isTouched ? .changed : .damaged,
          reason: "\(name) holds other bytes than when it was indexed")
      }
    }
    return nil
  }
}

extension ZooIndex {
  /// The hashes of the tensors of a model that are not read as numbers, by name.
  package func unreadHashes(of model: Int64) throws -> [(name: String, hash: [UInt8])] {
    try translated {
      let rows = try queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT name, hash FROM unread WHERE model = ? AND hash IS NOT NULL ORDER BY position
            """, arguments: [model])
      }
      return try rows.map { row in
        (try row.cell("name"), [UInt8](try row.cell("hash", as: Data.self)))
      }
    }
  }

  /// The hashes of a model's tensors, in order.
  package func hashes(of model: Int64) throws -> [[UInt8]] {
    try translated {
      try queue.read { database in
        try Data.fetchAll(
          database,
          sql: "SELECT coalesce(hash, x'') FROM tensors WHERE model = ? ORDER BY position",
          arguments: [model]
        ).map { [UInt8]($0) }
      }
    }
  }
}
