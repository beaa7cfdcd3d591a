import Catalogs
import Foundation
import Support
import Synchronization
import Tensors
import Testing
import WeightFiles

@testable import ZooIndex

/// All metrics read through one cache and one budget.
@Suite("Models while they are scanned")
struct ScannedModelTests {
  private static func model(
    _ folder: IndexFolder, budget: MemoryBudget?
  ) async throws -> ScannedModel {
    try folder.write("m.h5", seed: 3)
    return try ScannedModel(await WeightFile.open(folder.zoo + "/m.h5"), budget: budget)
  }

  /// The elements of `IndexFolder.weights`, as Float32.
  private static let byteCount = 4 * (8 * 6 + 8 + 3 * 8 + 3)

  @Test("a tensor that one metric read is not read again by another, spectra included")
  func cache() async throws {
    let folder = try IndexFolder()
    let model = try await Self.model(folder, budget: nil)
    let first = try SpectrumMetric().measure(model)
    #expect(first.rows.map(\.name) == ["0", "2"])
    _ = try NormsMetric().measure(model)
    // Whoever reads from now on finds nothing.
    try #require(truncate(folder.zoo + "/m.h5", 0) == 0)
    #expect(throws: Diagnostic.self) { try model.file.read(model.entries[0]) }
    let again = try SpectrumMetric().measure(model)
    #expect(again.rows.map(\.values) == first.rows.map(\.values))
    _ = try StatisticsMetric().measure(model)
  }

  @Test("what is kept counts as taken while a model is scanned, and is given back")
  func budget() async throws {
    let folder = try IndexFolder()
    let budget = MemoryBudget(byteCount: Self.byteCount)
    let model = try await Self.model(folder, budget: budget)
    // Another thread that wants a byte waits until the scan is over.
    let order = Mutex<[String]>([])
    let began = DispatchSemaphore(value: 0)
    let ended = DispatchSemaphore(value: 0)
    let thread = Thread {
      began.wait()
      try? budget.withBytes(1) { order.withLock { $0.append("other") } }
      ended.signal()
    }
    thread.start()
    try model.scanning {
      began.signal()
      for metric in Metrics.all { _ = try metric.measure(model) }
      order.withLock { $0.append("scan") }
    }
    ended.wait()
    #expect(order.withLock { $0 } == ["scan", "other"])
  }

  @Test("a model that does not fit the budget is read tensor by tensor, each time anew")
  func large() async throws {
    let folder = try IndexFolder()
    let budget = MemoryBudget(byteCount: Self.byteCount - 1)
    let model = try await Self.model(folder, budget: budget)
    let kept = try await Self.model(folder, budget: nil)
    for metric in Metrics.all {
      let (one, other) = (try metric.measure(model), try metric.measure(kept))
      #expect(one.rows.map(\.values) == other.rows.map(\.values))
    }
    let taken = Mutex(0)
    try model.with([model.entries[0]], copies: 1) { tensors in
      taken.withLock { $0 = tensors[0].values.count }
      // Twice its size is taken, and more than what is left is waited for.
      let left = budget.byteCount - 8 * tensors[0].values.count
      #expect(left >= 0)
      try budget.withBytes(max(0, left)) {}
    }
    #expect(taken.withLock { $0 } == model.entries[0].elementCount)
  }
}
