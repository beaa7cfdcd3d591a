import Support
import WeightFiles

/// A model of one 64 MiB tensor, read from a contiguous HDF5 file and written in other formats:
/// what `peers/writing.py` does with h5py and safetensors.
enum WritingBenchmark {
  private static let outputs: [(key: String, file: String, compression: CompressionOption)] = [
    ("zstd", "written-zstd.h5", .zstd(level: 1)), ("gzip", "written-gzip.h5", .gzip(level: 4)),
    ("safetensors", "written.safetensors", .none),
  ]

  /// The least time of several writes of each, flushed to disk.
  static func run(folder: String) async throws -> [String: [String: Double]] {
    var figures: [String: [String: Double]] = [:]
    for output in outputs {
      figures[output.key] =
        try await Stopwatch.best(of: output.key == "gzip" ? 2 : 5) {
          let file = try await WeightFile.open("\(folder)/contiguous.h5")
          try ModelContents(file).write(
            to: "\(folder)/\(output.file)",
            WritingOptions(compression: output.compression, overwrites: true))
        }.milliseconds
    }
    return figures
  }
}
