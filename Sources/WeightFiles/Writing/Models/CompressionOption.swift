import Support

/// How a written file is compressed: `none`, `gzip:4`, `zstd:1`.
public enum CompressionOption: Sendable, Hashable, CustomStringConvertible {
  /// As it is.
  case none
  /// Deflate, level 1 to 9.
  case gzip(level: Int)
  /// Zstandard, level 1 to 19. Level 1 after shuffling is as small as the highest ones on weights, and
  /// several times as fast.
  case zstd(level: Int)

  /// Reads `none`, `gzip`, `gzip:LEVEL`, `zstd` or `zstd:LEVEL`.
  ///
  /// - Throws: `Diagnostic` of code `usage`.
  public init(parsing text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let level = parts.count == 2 ? Int(parts[1]) : nil
    switch (parts.first.map(String.init), parts.count) {
    case ("none", 1): self = .none
    case ("gzip", 1): self = .gzip(level: 4)
    case ("zstd", 1): self = .zstd(level: 1)
    case ("gzip", 2):
      guard let level, (1...9).contains(level) else { throw CompressionOption.unknown(text) }
      self = .gzip(level: level)
    case ("zstd", 2):
      guard let level, (1...19).contains(level) else { throw CompressionOption.unknown(text) }
      self = .zstd(level: level)
    default: throw CompressionOption.unknown(text)
    }
  }

  /// As it is given.
  public var description: String {
    switch self {
    case .none: "none"
    case .gzip(let level): "gzip:\(level)"
    case .zstd(let level): "zstd:\(level)"
    }
  }

  private static func unknown(_ text: String) -> Diagnostic {
    Diagnostic(
      .usage, "there is no compression \"\(text)\"",
      remedy: "give none, gzip:1 to gzip:9, or zstd:1 to zstd:19")
  }
}
