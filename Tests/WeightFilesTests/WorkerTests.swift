import CatalogWire
import Catalogs
import Foundation
import Support
import Testing

@testable import Formats
@testable import WeightFiles

/// A worker that was taken over, or broke, is ended and reported; it never takes the caller along.
@Suite struct WorkerTests {
  struct Planted: Sendable, CustomTestStringConvertible {
    var name: String
    var script: String
    /// What the error must say.
    var words: String
    /// Seconds until it is ended.
    var wallSeconds = 2.0
    var testDescription: String { name }
  }

  static let planted = [
    Planted(name: "crashes", script: "kill -SEGV $$", words: "crashed (signal 11)"),
    Planted(name: "fails", script: "exit 7", words: "ended with code 7"),
    Planted(name: "hangs", script: "sleep 600", words: "took longer than 2.0 seconds"),
    Planted(
      name: "hangs and ignores signals", script: "trap '' TERM INT HUP\nwhile :; do sleep 1; done",
      words: "took longer than 2.0 seconds"),
    Planted(
      name: "burns time", script: "while :; do :; done", words: "1 seconds of processor time",
      wallSeconds: 15),
    Planted(name: "says nothing", script: "exit 0", words: "makes no sense"),
    Planted(name: "talks nonsense", script: "echo nonsense", words: "makes no sense"),
    Planted(
      name: "stops in the middle", script: "printf 'WSLCAT2\\n\\001\\377\\000'",
      words: "makes no sense"),
    Planted(
      name: "announces more than it says",
      script: "printf 'WSLCAT2\\n\\001\\377\\377\\377\\377\\377\\377\\377\\177'",
      words: "makes no sense"),
    Planted(
      name: "talks endlessly", script: "exec cat /dev/zero", words: "longer than 1048576 bytes"),
    Planted(
      name: "eats memory",
      script: "exec awk 'BEGIN { text = \"x\"; while (1) text = text text }' >/dev/null 2>&1",
      words: "the worker that reads HDF5 files"),
  ]

  static let limits = WorkerLimits(
    addressSpace: 256 << 20, processorSeconds: 1, wallSeconds: 2, answerByteCount: 1 << 20)

  @Test(arguments: planted)
  func isEndedAndReported(worker: Planted) async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + "worker.sh"
      try Fixtures.write("#!/bin/sh\n\(worker.script)\n".utf8, to: path)
      #expect(chmod(path, 0o755) == 0)
      var planted = try CatalogWorker(executable: path, limits: Self.limits)
      planted.limits.wallSeconds = worker.wallSeconds
      let file = Fixtures.path("small.h5")
      let begin = ContinuousClock.now
      let error = await #expect(throws: Diagnostic.self) {
        try await WeightFile.open(file, worker: planted)
      }
      #expect(ContinuousClock.now - begin < .seconds(worker.wallSeconds + 30))
      #expect(error?.code == .badData)
      let line = error?.description ?? ""
      #expect(line.hasPrefix(file + ": ") && line.contains(worker.words), "\(line)")
    }
  }

  @Test func aMissingWorkerIsNotTheFilesFault() async throws {
    let absent = try CatalogWorker(executable: "/no/such/worker")
    let error = await #expect(throws: Diagnostic.self) {
      try await WeightFile.open(Fixtures.path("small.h5"), worker: absent)
    }
    #expect(error?.code == .failed)
    #expect(error?.remedy?.description.contains("WSL_CATALOG") == true)
  }

  /// A worker that lies: its claims are checked against the file before anything is allocated.
  @Test func liesAreSkippedWithAReason() throws {
    func dataset(_ name: String, _ shape: [UInt64], _ storage: DatasetRecord.Storage)
      -> CatalogRecord
    {
      .dataset(
        DatasetRecord(
          name: name, shape: shape, kind: .float, elementByteCount: 4, isBigEndian: false,
          storage: storage))
    }
    func chunk(_ index: UInt64, _ address: UInt64, _ size: UInt64) -> DatasetRecord.StoredChunk {
      .init(gridIndex: index, address: address, byteCount: size, filterMask: 0)
    }
    let far = UInt64.max - 3
    let lies: [CatalogRecord] = [
      dataset("beyond", [4], .contiguous(address: 990, byteCount: 16)),
      dataset("wraps", [4], .contiguous(address: far, byteCount: 16)),
      dataset("short", [4], .contiguous(address: 0, byteCount: 12)),
      dataset("overflows", [1 << 40, 1 << 40], .unallocated),
      dataset("hides", [0, 1 << 40, 1 << 40], .unallocated),
      dataset("negative", [.max], .unallocated),
      dataset("huge", [1 << 40], .unallocated),
      dataset("axes", Array(repeating: 1, count: 33), .unallocated),
      dataset("rank", [4, 4], .chunked(chunkShape: [4], chunks: [])),
      dataset("zero", [4], .chunked(chunkShape: [0], chunks: [])),
      dataset("wide", [4], .chunked(chunkShape: [.max], chunks: [])),
      dataset("outside", [4], .chunked(chunkShape: [4], chunks: [chunk(1, 0, 16)])),
      dataset("twice", [8], .chunked(chunkShape: [4], chunks: [chunk(0, 0, 16), chunk(0, 0, 16)])),
      dataset("far", [4], .chunked(chunkShape: [4], chunks: [chunk(0, 990, 16)])),
      dataset(
        "fat", [1 << 30], .chunked(chunkShape: [1 << 30], chunks: [chunk(0, 0, 16)])),
      .dataset(
        DatasetRecord(
          name: "size", shape: [4], kind: .float, elementByteCount: 3, isBigEndian: false,
          storage: .unallocated)),
      dataset("fine", [4], .contiguous(address: 984, byteCount: 16)),
      dataset("fine", [4], .contiguous(address: 0, byteCount: 16)),
    ]
    let catalog = CatalogBuilder.build(
      lies, path: "x.h5", fileByteCount: 1000, window: FileWindow(offset: 0, byteCount: 1000),
      format: .hdf5)
    #expect(catalog.tensors.map(\.name) == ["fine"])
    #expect(catalog.tensors.first?.layout == .contiguous(offset: 984))
    #expect(catalog.skipped.count == lies.count - 1)
  }

  /// Every prefix and every changed byte of an answer is an answer, or an error; never a crash.
  @Test func answersAreDecodedWithoutTrust() throws {
    var unread = UnreadRecord(name: "e", reason: "compound")
    (unread.type, unread.shape, unread.mayBeWeight) = ("compound (a F32)", [3], false)
    unread.bytes = DatasetRecord(
      name: "e", shape: [3, 4], kind: .unsigned, elementByteCount: 1, isBigEndian: false,
      storage: .contiguous(address: 8, byteCount: 12))
    let records: [CatalogRecord] = [
      .group(name: "a"),
      .dataset(
        DatasetRecord(
          name: "a/b", shape: [2, 3], kind: .float, elementByteCount: 4, isBigEndian: true,
          storage: .chunked(
            chunkShape: [1, 3],
            chunks: [.init(gridIndex: 0, address: 8, byteCount: 12, filterMask: 1)]),
          filters: [.init(id: 1, name: "deflate", parameters: [4])], fillValue: [1, 2, 3, 4])),
      .attribute(object: "a", name: "n", value: .numbers([1, .infinity])),
      .attribute(object: "a", name: "s", value: .strings(["x", "yz"])),
      .link(name: "c"), .alias(name: "c", target: "a"), .skipped(name: "d", reason: "why"),
      .unread(unread), .end,
    ]
    let answer = CatalogRecord.preamble + records.flatMap { $0.encoded() }
    #expect(try CatalogRecord.decode(answer: answer[...]) == records)
    for length in 0..<answer.count {
      #expect(throws: WireError.self) { try CatalogRecord.decode(answer: answer.prefix(length)) }
    }
    for index in answer.indices {
      for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
        var changed = answer
        changed[index] = value
        _ = try? CatalogRecord.decode(answer: changed[...])
      }
    }
  }
}
