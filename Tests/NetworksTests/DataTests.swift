import Foundation
import ModelGraph
import Support
import Testing

@testable import Datasets
@testable import Networks

@Suite struct DataTests {
  private func temporary(_ name: String, _ bytes: [UInt8]) throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("wsl-data-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    return file
  }

  private let images: [UInt8] =
    [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2] + [0, 51, 102, 255]
  private let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 7, 3]

  @Test func `IDX files pair up and are scaled`() async throws {
    let file = try temporary("train-images-idx3-ubyte", images)
    let folder = file.deletingLastPathComponent()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(labels).write(to: folder.appendingPathComponent("train-labels-idx1-ubyte"))
    for path in [file.path, folder.path] {
      let data = try await DataSource.load(path, split: .train)
      #expect(data.exampleShape == [1, 2] && data.labels == [7, 3] && data.classCount == 8)
      #expect(data.examples == [0, 0.2, 0.4, 1])
    }
    await #expect(throws: Diagnostic.self) {
      try await DataSource.load(folder.path, split: .test)
    }
  }

  /// Every cut and every changed length is an error, not a crash.
  @Test func `damaged IDX files are refused`() throws {
    for length in 0..<images.count {
      #expect(throws: Diagnostic.self) { try IDXFile.read(Array(images.prefix(length))) }
    }
    for place in 4..<16 {
      var damaged = images
      damaged[place] ^= 0x80
      #expect(throws: Diagnostic.self) { try IDXFile.read(damaged) }
    }
    let compressed = try temporary(
      "train-images-idx3-ubyte.gz", [0x1F, 0x8B, 8] + Array(repeating: 255, count: 40))
    defer { try? FileManager.default.removeItem(at: compressed.deletingLastPathComponent()) }
    #expect(throws: Diagnostic.self) { try DataSource.indexed(compressed.path) }
  }

  @Test func `NumPy arrays are read in every type and order, and objects refused`() async throws {
    func read(
      _ type: String, _ shape: String, _ bytes: [UInt8], order: String = "False"
    ) async throws -> NumericArray {
      let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
      let file = try temporary(
        "x.npy",
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
          + bytes)
      defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
      return try await NamedArrays(file.path).array(NamedArrays.loneName)
    }
    #expect(try await read("<i2", "(2,)", [1, 0, 0, 1]).answers().classes == [1, 256])
    #expect(try await read(">i2", "(2,)", [1, 0, 0, 1]).answers().classes == [256, 1])
    #expect(try await read("<f2", "(1, 2)", [0, 0x3C, 0, 0xC1]).pixels() == [1, -2.5])
    #expect(try await read("|u1", "(1,)", [51]).pixels() == [0.2])
    #expect(
      try await read("|u1", "(2, 2)", [0, 51, 102, 255], order: "True").numbers()
        == [0, 102, 51, 255])
    await #expect(throws: Diagnostic.self) { try await read("|O", "(1,)", [0]) }
    await #expect(throws: Diagnostic.self) {
      try await read("<f4", "(99999999999, 99999999999)", [0]).pixels()
    }
  }

  private static let fashion = "/usr/share/datasets/fashion-mnist"

  /// Skipped where the Debian package dataset-fashion-mnist is not installed.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: fashion)))
  func `Fashion-MNIST is read from its package`() async throws {
    let data = try await DataSource.load(Self.fashion, split: .test)
    #expect(data.count == 10_000 && data.exampleShape == [28, 28] && data.classCount == 10)
    // Every class has a thousand test images.
    #expect((0..<10).allSatisfy { label in data.labels.count { $0 == label } == 1000 })
  }

  @Test func `examples adapt to a network's input`() throws {
    let gray = try Dataset(
      examples: [1, 2, 3, 4, 5, 6], exampleShape: [2, 3], labels: [0])
    for (shape, order) in [
      ([6], .last), ([2, 3, 1], .last), ([1, 2, 3], .first),
    ] as [([Int], ModelGraph.ChannelOrder)] {
      let adapted = try gray.adapted(to: shape, channelOrder: order)
      #expect(adapted.examples == gray.examples && adapted.exampleShape == shape)
    }
    let colour = try Dataset(
      examples: [1, 2, 3, 4, 5, 6, 7, 8], exampleShape: [2, 2, 2], labels: [0])
    #expect(throws: Diagnostic.self) { try colour.adapted(to: [8], channelOrder: .last) }
    let wide = try Dataset(
      examples: [1, 2, 3, 4, 5, 6], exampleShape: [1, 3, 2], labels: [0])
    #expect(try wide.adapted(to: [2, 1, 3], channelOrder: .first).examples == [1, 3, 5, 2, 4, 6])
  }
}
