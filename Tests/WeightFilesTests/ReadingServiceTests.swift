import Archives
import Catalogs
import Synchronization
import Tensors
import Testing

@testable import Support
@testable import WeightFiles

/// Reads into memory of the caller, budgets, interruption, checksums.
@Suite struct ReadingServiceTests {
  /// Converted block by block, the numbers are those of the bytes read first and converted after.
  @Test(arguments: ["types.h5", "layouts.h5", "latest.h5", "small.keras", "brain.weights.h5"])
  func convertedWhileDecoding(name: String) async throws {
    let file = try await WeightFile.open(Fixtures.path(name))
    for entry in file.catalog.tensors {
      let bytes = try file.readBytes(entry)
      var expected = [Float](repeating: 0, count: entry.elementCount)
      bytes.withUnsafeBytes { bytes in
        expected.withUnsafeMutableBufferPointer { entry.elementType.widen(bytes, to: $0) }
      }
      for budget in [nil, MemoryBudget(byteCount: 1 << 20)] {
        var values = [Float](repeating: 7, count: entry.elementCount)
        try values.withUnsafeMutableBufferPointer {
          try file.read(entry, into: $0, jobs: 3, budget: budget)
        }
        #expect(values.map(\.bitPattern) == expected.map(\.bitPattern), "\(entry.name)")
        var again = [UInt8](repeating: 7, count: bytes.count)
        try again.withUnsafeMutableBytes { try file.readBytes(entry, into: $0, budget: budget) }
        #expect(again == bytes)
      }
    }
  }

  @Test func memoryOfAnotherSizeIsRefused() async throws {
    let file = try await WeightFile.open(Fixtures.path("types.h5"))
    let entry = try file.entry(named: "little/f4")
    var values = [Float](repeating: 0, count: entry.elementCount + 1)
    let error = #expect(throws: Diagnostic.self) {
      try values.withUnsafeMutableBufferPointer { try file.read(entry, into: $0) }
    }
    #expect(error?.code == .usage)
  }

  @Test func whatNeverFitsIsRefusedWithTheNumber() async throws {
    let file = try await WeightFile.open(Fixtures.path("filters.h5"))
    let entry = try file.entry(named: "float32/zstd")
    let error = #expect(throws: Diagnostic.self) {
      try file.read(entry, budget: MemoryBudget(byteCount: 100))
    }
    #expect(error?.description.contains("100 B are allowed") == true)
    #expect(try file.read(entry, budget: MemoryBudget(byteCount: 1 << 14)) == file.read(entry))
  }

  /// More threads than shares: never more in flight than the budget.
  @Test func aBudgetIsNeverExceeded() throws {
    let budget = MemoryBudget(byteCount: 100)
    let state = Mutex((now: 0, most: 0))
    try Parallel.forEach(count: 200, jobs: 4) { index in
      let share = 10 + index % 80
      try budget.withBytes(share) {
        state.withLock {
          $0.now += share
          $0.most = max($0.most, $0.now)
        }
        state.withLock { $0.now -= share }
      }
    }
    let most = state.withLock { $0.most }
    #expect(most > 0 && most <= 100)
    #expect(throws: Diagnostic.self) { try budget.withBytes(101) {} }
  }

  @Test func aCancelledTaskStopsReading() async throws {
    let file = try await WeightFile.open(Fixtures.path("filters.h5"))
    let entry = try file.entry(named: "float32/zstd")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try file.read(entry, jobs: 1)
    }
    let error = await #expect(throws: Diagnostic.self) { try await task.value }
    #expect(error?.code == .interrupted)
  }

  @Test func checksumsAreThoseOfTheirInventors() async throws {
    func text(_ bytes: [UInt8], _ kind: Checksum) -> String {
      bytes.withUnsafeBytes { kind.text(of: $0) }
    }
    #expect(text([], .xxh3) == "xxh3:99aa06d3014798d86001c324468d497f")
    #expect(
      text(Array("abc".utf8), .sha256)
        == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    // The layout does not matter, the elements do.
    let file = try await WeightFile.open(Fixtures.path("filters.h5"))
    let plain = try file.checksum(file.entry(named: "float32/values"))
    #expect(try file.checksum(file.entry(named: "float32/shuffle_zstd")) == plain)
    #expect(try file.checksum(file.entry(named: "float64/values")) != plain)
  }
}
