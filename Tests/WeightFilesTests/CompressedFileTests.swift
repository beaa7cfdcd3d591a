import Foundation
import Support
import Testing

@testable import Archives
@testable import WeightFiles

/// `.gz` and `.zst` files: whole, in several parts, cut, damaged, too large, and read at random.
@Suite struct CompressedFileTests {
  /// Compresses bytes as `convert` does.
  static func packed(_ bytes: [UInt8], _ option: CompressionOption) throws -> [UInt8] {
    let (source, target) = (try ScratchFile.make("plain"), try ScratchFile.make("packed"))
    try bytes.withUnsafeBytes { try writeFully($0, to: source.descriptor, at: 0) }
    let plain = try OpenFile(owning: duplicate(source.descriptor), path: "plain")
    try StreamWrapper.wrap(plain, as: option, to: target.descriptor, jobs: 2)
    let file = try OpenFile(owning: duplicate(target.descriptor), path: "packed")
    return try file.bytes(at: 0, count: file.byteCount)
  }

  static func open(
    _ bytes: [UInt8], limits: CompressedFile.Limits = .init()
  ) throws -> OpenFile {
    let scratch = try ScratchFile.make("x")
    try bytes.withUnsafeBytes { try writeFully($0, to: scratch.descriptor, at: 0) }
    let file = try OpenFile(owning: duplicate(scratch.descriptor), path: "x")
    return try #require(try CompressedFile.inflated(file, limits: limits))
  }

  static func contents(
    _ bytes: [UInt8], limits: CompressedFile.Limits = .init()
  ) throws -> [UInt8] {
    let file = try open(bytes, limits: limits)
    return try file.bytes(at: 0, count: file.byteCount)
  }

  static let options: [CompressionOption] = [.gzip(level: 6), .zstd(level: 1)]
  static let plain = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }

  @Test(arguments: options)
  func partsAreOneFile(option: CompressionOption) throws {
    let packed = try Self.packed(Self.plain, option)
    #expect(try Self.contents(packed) == Self.plain)
    // Members and frames one after the other; zstd's with a table that tells of the first only.
    #expect(try Self.contents(packed + packed) == Self.plain + Self.plain)
    if case .gzip = option {
      #expect(try Self.contents(packed + [UInt8](repeating: 0, count: 512)) == Self.plain)
    }
  }

  @Test(arguments: options)
  func cutAndDamagedFilesAreRefused(option: CompressionOption) throws {
    let packed = try Self.packed(Self.plain, option)
    for count in [5, 20, packed.count / 2, packed.count - 30] {
      let error = #expect(throws: Diagnostic.self) {
        try Self.contents(Array(packed.prefix(count)))
      }
      #expect(error?.code == .badData && error?.message.contains("damaged") == true, "\(count)")
    }
    // The checksum of gzip finds every bit. A frame of zstd without one may decode: to other bytes, and
    // never to more or less than it says.
    var (refused, changed, places) = (0, 0, 0)
    for place in stride(from: 20, to: packed.count - 40, by: 97) {
      var damaged = packed
      damaged[place] ^= 0x10
      places += 1
      do {
        let found = try Self.contents(damaged)
        #expect(found.count == Self.plain.count && found != Self.plain, "byte \(place)")
        changed += 1
      } catch let error as Diagnostic {
        #expect(error.code == .badData, "byte \(place)")
        refused += 1
      }
    }
    #expect(refused + changed == places && refused > 0 && places > 20)
    if case .gzip = option { #expect(changed == 0) }
  }

  @Test(arguments: options)
  func sizesAreBounded(option: CompressionOption) throws {
    let bomb = try Self.packed([UInt8](repeating: 0, count: 9 << 20), option)
    let limits = CompressedFile.Limits(byteCount: 1 << 30, ratio: 10, trustedByteCount: 8 << 20)
    let error = #expect(throws: Diagnostic.self) { try Self.contents(bomb, limits: limits) }
    #expect(error?.message.contains("more than \(8 << 20) bytes") == true)
    #expect(try Self.contents(bomb).count == 9 << 20)
  }

  @Test func framesAreReadAtRandom() async throws {
    // Frames of 4 MiB: the header lies in the first.
    let names = (0..<5).map { "t\($0)" }
    let header = names.enumerated().map { index, name in
      #""\#(name)":{"dtype":"F32","shape":[1048576],"data_offsets":[\#(index << 22),\#((index + 1) << 22)]}"#
    }
    let text = "{\(header.joined(separator: ","))}"
    var bytes: [UInt8] = []
    append(UInt64(text.utf8.count), to: &bytes)
    bytes += Array(text.utf8)
    let start = bytes.count
    bytes += (0..<(5 << 22)).map { UInt8(truncatingIfNeeded: $0 >> 10) }
    let packed = try Self.packed(bytes, .zstd(level: 1))
    try await Fixtures.withFolder { folder in
      try Fixtures.write(packed, to: folder + "x.safetensors.zst")
      let file = try await WeightFile.open(folder + "x.safetensors.zst")
      let frames = try #require(file.parts[0].frames as? SeekableFrames)
      #expect(frames.table.frames.count == 6)
      #expect(frames.filledCount == 1, "the catalogue takes the header's frame")
      let entry = try file.entry(named: "t2")
      let wanted = bytes[(start + 2 << 22)..<(start + 3 << 22)]
      #expect(try file.readBytes(entry).count == wanted.count)
      #expect(frames.filledCount == 3)
      for jobs in [1, 4] {
        for (index, name) in names.enumerated() {
          let place = start + index << 22
          #expect(
            try file.readBytes(file.entry(named: name), jobs: jobs)
              .elementsEqual(bytes[place..<(place + 1 << 22)]), "\(name)")
        }
      }
      #expect(frames.filledCount == 6)
    }
  }

  /// While zstd decompresses, what it has not yet written of a frame is its scratch memory: nobody may
  /// read the frame then, and nobody decompress it a second time under those who read.
  @Test func threadsShareFrames() throws {
    // Bytes of six random bits: literals that Huffman codes shorten, and no repetition that is near
    // enough to be found.
    var random = DamageTests.Generator(state: 1)
    let piece = (0..<(1 << 20)).map { _ in UInt8(random.next() >> 58) }
    var plain: [UInt8] = []
    for _ in 0..<9 { plain += piece }
    let packed = try Self.packed(plain, .zstd(level: 1))
    for _ in 0..<6 {
      let file = try Self.open(packed)
      #expect((file.frames as? SeekableFrames)?.table.frames.count == 3)
      // Every range is wanted by two threads, and each frame by several.
      try Parallel.forEach(count: 18, jobs: 6) { item in
        let bytes = try file.bytes(at: item / 2 * piece.count, count: piece.count)
        #expect(memcmp(bytes, piece, piece.count) == 0, "the piece \(item / 2)")
      }
    }
  }

  @Test func tablesThatLie() throws {
    let first = try Self.packed(Self.plain, .zstd(level: 1))
    let table = try #require(try SeekTable(Self.scratch(first)))
    #expect(table.frames.map(\.contents) == [0..<Self.plain.count])
    let stored = table.frames[0].stored.count
    // One that is too long for the file, or does not meet the frames, is none.
    for place in [first.count - 9, stored + 8] {
      var lie = first
      lie[place] &+= 1
      #expect(try SeekTable(Self.scratch(lie)) == nil)
      #expect(try Self.contents(lie) == Self.plain)
    }
    // One that tells another size is found out when the frame is read.
    var lie = first
    lie[stored + 12] &+= 1
    let error = #expect(throws: Diagnostic.self) { try Self.contents(lie) }
    #expect(error?.location == ["frame 0"])
    #expect(error?.message.contains("of \(Self.plain.count + 1) bytes") == true)
  }

  private static func scratch(_ bytes: [UInt8]) throws -> OpenFile {
    let scratch = try ScratchFile.make("x")
    try bytes.withUnsafeBytes { try writeFully($0, to: scratch.descriptor, at: 0) }
    return try OpenFile(owning: duplicate(scratch.descriptor), path: "x")
  }
}
