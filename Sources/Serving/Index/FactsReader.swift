import Foundation

/// Reads what models' files tell, one file at a time, and keeps what was read last: many readers of one
/// page cost one look.
actor FactsReader {
  private static let limit = 64

  private let read: @Sendable (String) async -> ModelFacts
  private var known: [String: Task<ModelFacts, Never>] = [:]
  private var order: [String] = []
  private var last: Task<ModelFacts, Never>?

  init(_ read: @escaping @Sendable (String) async -> ModelFacts = ModelFacts.read) {
    self.read = read
  }

  /// What a file tells.
  func facts(of path: String) async -> ModelFacts {
    // A file that was written anew is another one.
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let stamp = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    let key = "\(path)\0\(stamp)"
    if let task = known[key] { return await task.value }
    let (previous, read) = (last, read)
    let task = Task {
      _ = await previous?.value
      return await read(path)
    }
    last = task
    known[key] = task
    order.append(key)
    if order.count > Self.limit { known[order.removeFirst()] = nil }
    return await task.value
  }
}
