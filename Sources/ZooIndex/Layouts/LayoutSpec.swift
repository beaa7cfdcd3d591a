import Foundation
import Specs
import Support

/// How the models of a zoo lie below its folder, from the `layout:` of a spec.
///
///     layout:
///       files: "width{width}/seed{seed}/checkpoint_{epoch}.h5"
///       epochs: last
///       labels: metrics.csv
///
/// In `files`, `{name}` is a label, `*` anything within a part of the path, `**` anything. Files that
/// do not fit are no models of the zoo. `labels` is a table beside the spec.
struct LayoutSpec: Sendable {
  private let pattern: PathPattern?
  /// Which checkpoints of a trial are models.
  let epochs: FolderWalk.Epochs?
  /// A table of labels.
  let labelFile: String?

  /// Reads the `layout:` of a spec; nil where it has none.
  ///
  /// - Throws: `Diagnostic` of code `badData` with file and line.
  init?(_ node: SpecNode?, folder: String) throws {
    guard let node else { return nil }
    let members = try node.members(["files", "epochs", "labels"])
    pattern = try members["files"].map { node in
      do { return try PathPattern(node.string()) } catch let error as Diagnostic {
        throw node.error(error.message)
      }
    }
    epochs = try members["epochs"].map { node in
      switch try node.string() {
      case "last": return .last
      case "all": return .all
      default: return .number(try node.integer(in: 0...Int.max))
      }
    }
    labelFile = try members["labels"].map { node in
      let name = try node.string()
      return name.hasPrefix("/") ? name : (folder as NSString).appendingPathComponent(name)
    }
  }

  /// The labels that a path tells; nil where it does not fit.
  ///
  /// - Parameter prefix: what stands before the part that the pattern is about.
  func labels(of path: String, after prefix: String) -> [Label]? {
    guard let pattern else { return [] }
    let relative = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    return pattern.match(relative)?.map { name, value in
      Label(name, IndexValue(cell: value), origin: "path")
    }
  }
}
