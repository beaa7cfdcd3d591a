import Glibc
import Support

/// Which layers a signature is taken from.
public enum LayerChoice: Sendable, Hashable, CustomStringConvertible {
  /// The first ones from the input, counted by their kernels.
  case first(Int)
  /// All, the last one too.
  case all
  /// Those whose layer or tensor has a name of this pattern (`conv*`, `*/kernel`).
  case named(String)

  /// Reads `first:K`, `all` or a pattern.
  ///
  /// - Throws: `Diagnostic` of code `usage`.
  public init(parsing text: String) throws {
    if text == "all" {
      self = .all
    } else if text.hasPrefix("first:") {
      guard let count = Int(text.dropFirst(6)), count > 0 else {
        throw Diagnostic(
          .usage, "\"\(text)\" does not tell how many layers", remedy: "give first:4, for example")
      }
      self = .first(count)
    } else if text.isEmpty {
      throw Diagnostic(.usage, "the pattern of layers is empty", remedy: "give first:4 or all")
    } else {
      self = .named(text)
    }
  }

  /// As it is given.
  public var description: String {
    switch self {
    case .first(let count): "first:\(count)"
    case .all: "all"
    case .named(let pattern): pattern
    }
  }

  /// The tensors of an architecture, in its order.
  ///
  /// - Throws: `Diagnostic` of code `usage` where there are not so many layers, or none has the name.
  func tensors(of architecture: Architecture) throws -> [Architecture.Tensor] {
    switch self {
    case .all: return architecture.layers.flatMap(\.tensors)
    case .first(let count):
      let total = architecture.kernelCount
      guard count <= total else {
        throw Diagnostic(
          .usage, "there are \(total) layers with kernels, not \(count)",
          remedy: "give first:1 to first:\(total), or all")
      }
      var left = count
      return architecture.layers.prefix { layer in
        if layer.hasKernel { left -= 1 }
        return left >= 0
      }.flatMap(\.tensors)
    case .named(let pattern):
      let found = architecture.layers.flatMap { layer in
        layer.tensors.filter { matches($0.name, pattern) || matches(layer.name, pattern) }
      }
      guard !found.isEmpty else {
        throw Diagnostic(
          .usage, "no layer and no tensor has a name like \"\(pattern)\"",
          remedy: "\(action: .inspect) lists the names")
      }
      return found
    }
  }

  private func matches(_ name: String, _ pattern: String) -> Bool {
    fnmatch(pattern, name, 0) == 0
  }
}
