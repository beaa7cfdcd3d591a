import LinearAlgebra
import Support
import Tensors
import WeightFiles

/// Whole data sets and whole catalogues, of the files that `peers/reading.py` writes and reads.
enum ReadingBenchmark {
  private static let layouts: KeyValuePairs = [
    "contiguous": "h5", "gzip": "h5", "shuffle": "h5", "zstd": "h5", "safetensors": "safetensors",
  ]

  /// Writes 64 MiB of Float32 for the peer to filter, and 500 small data sets.
  static func makeFiles(in folder: String) throws {
    let side = 4096
    // What trained weights look like to a compressor: random mantissas, few exponents.
    var random = SeededGenerator(seed: 1)
    let values = (0..<(side * side)).map { _ in
      Float.random(in: -0.1...0.1, using: &random) * Float.random(in: 0...1, using: &random)
    }
    var document = HDF5Document()
    document.add("x", Tensor(shape: [side, side], values: values))
    try document.write(to: "\(folder)/contiguous.h5", compression: .none)
    var many = HDF5Document()
    for index in 0..<500 {
      many.add(
        "layer_\(index / 2)/vars/\(index % 2)",
        Tensor(shape: [8, 8], values: Array(repeating: 1, count: 64)))
    }
    try many.write(to: "\(folder)/many.h5")
  }

  /// The least time of five reads of each, into new memory and into memory that is there already.
  static func run(folder: String) async throws -> [String: [String: Double]] {
    var figures: [String: [String: Double]] = [:]
    var values = [Float](repeating: 1, count: 4096 * 4096)
    for (layout, ending) in layouts {
      let file = try await WeightFile.open("\(folder)/\(layout).\(ending)")
      let entry = try file.entry(named: "x")
      figures[layout] = try Stopwatch.best(of: 5) { _ = try file.read(entry) }.milliseconds
      figures[layout + " into"] =
        try Stopwatch.best(of: 5) {
          try values.withUnsafeMutableBufferPointer { try file.read(entry, into: $0) }
        }
        .milliseconds
    }
    figures["catalogue"] =
      try await Stopwatch.best(of: 5) { _ = try await WeightFile.open("\(folder)/many.h5") }
      .milliseconds
    return figures
  }
}
