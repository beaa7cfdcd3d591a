import Support

/// What a written file will be, by its name: `model.h5`, `model.safetensors.zst`.
public struct OutputFormat: Sendable, Hashable {
  /// The kinds of container that are written.
  public enum Container: String, Sendable, Hashable, CaseIterable {
    case hdf5
    /// A copy of the input, which is such a file, too, with new weights.
    case keras
    case safetensors
    case npz
    case npy
  }

  /// What is around the container.
  public enum Wrapper: String, Sendable, Hashable, CaseIterable {
    case none
    /// Frames of Zstandard with a table of where each begins.
    case zstd
    /// Members of gzip.
    case gzip
  }

  /// The container.
  public var container: Container
  /// What is around it.
  public var wrapper: Wrapper

  /// Makes a format.
  public init(container: Container, wrapper: Wrapper = .none) {
    self.container = container
    self.wrapper = wrapper
  }

  /// Endings of formats that are read, and not written from other formats.
  private static let read: [(ending: String, format: String)] = [
    (".pt", "PyTorch"), (".pth", "PyTorch"), (".ckpt", "PyTorch"), (".bin", "PyTorch"),
    (".pt2", "PyTorch"), (".onnx", "ONNX"), (".gguf", "GGUF"),
  ]

  /// Finds the format that a path asks for.
  ///
  /// - Throws: `Diagnostic` of code `usage` where the name has no ending that is known.
  public init(path: String) throws {
    var name = path.lowercased()
    wrapper = .none
    for (ending, kind) in [(".zst", Wrapper.zstd), (".gz", .gzip)] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
      wrapper = kind
      break
    }
    let endings: [(String, Container)] = [
      (".h5", .hdf5), (".hdf5", .hdf5), (".keras", .keras), (".safetensors", .safetensors),
      (".npz", .npz),
      (".npy", .npy),
    ]
    guard let found = endings.first(where: { name.hasSuffix($0.0) }) else {
      let known = OutputFormat.read.first { name.hasSuffix($0.ending) }
      throw Diagnostic(
        .usage,
        known.map { "files of \($0.format) are read, and only written as copies of such files" }
          ?? "the name does not tell the format", at: [path],
        remedy:
          "end it in .h5, .safetensors, .npz or .npy, or one of these and .zst or .gz")
    }
    container = found.1
  }

  /// Checks that the format can be compressed so.
  ///
  /// - Throws: `Diagnostic` of code `usage`.
  func check(_ compression: CompressionOption) throws {
    switch (wrapper, container, compression) {
    case (_, _, .none), (.none, .hdf5, _), (.none, .keras, _), (.none, .npz, .gzip),
      (.zstd, _, .zstd),
      (.gzip, _, .gzip):
      return
    case (.none, .npz, .zstd):
      throw Diagnostic(
        .usage, "NumPy reads no zstd inside of .npz",
        remedy: "use \(setting: .compression) gzip:4, or end the name in .npz.zst")
    case (.none, _, _):
      throw Diagnostic(
        .usage, "\(container.rawValue) has no compression of its own",
        remedy: "end the name in .\(container.rawValue).zst or .\(container.rawValue).gz")
    default:
      throw Diagnostic(
        .usage,
        "the name asks for \(wrapper.rawValue), and "
          + "\(Wording("\(setting: .compression)")) for \(compression)",
        remedy: "give one of them")
    }
  }
}
