import Catalogs
import Support
public import Tensors
import WeightFiles

/// A network that models are lined up with before a probe reads them: the root of a tree, with all that
/// matching needs of it, so that a probe's file predicts without any other file.
public struct ProbeRoot: Sendable {
  /// The file that it was read from.
  public var file: String
  /// Its layers, as a description in YAML that gives the graph again.
  public var graph: String
  /// Its tensors, by the names and in the axis order of its file.
  public var weights: Weights

  /// Makes a root.
  public init(file: String, graph: String, weights: Weights) {
    self.file = file
    self.graph = graph
    self.weights = weights
  }

  /// What the manifest says of it.
  var manifest: ProbeManifest.Root {
    ProbeManifest.Root(file: file, graph: graph, tensors: weights.keys.sorted())
  }

  /// The name of the data set of a root's tensor.
  static func dataset(_ root: Int, _ tensor: Int) -> String { "roots/\(root)/\(tensor)" }
}

extension HDF5Document {
  /// Adds the tensors of roots, each under the numbers of its root and of its place.
  mutating func add(_ roots: [ProbeRoot]) {
    for (number, root) in roots.enumerated() {
      for (place, name) in root.manifest.tensors.enumerated() {
        guard let tensor = root.weights[name] else { continue }
        add(ProbeRoot.dataset(number, place), tensor)
      }
    }
  }
}

extension ProbeFileReader {
  /// The roots that a manifest names.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a tensor is missing, named twice, or not finite.
  func roots(_ manifest: ProbeManifest) throws -> [ProbeRoot] {
    try (manifest.roots ?? []).enumerated().map { number, root in
      guard !root.tensors.isEmpty, Set(root.tensors).count == root.tensors.count else {
        throw Diagnostic(
          .badData, "what it says of the root \(number) makes no sense", at: ["manifest"])
      }
      var weights: Weights = [:]
      for (place, name) in root.tensors.enumerated() {
        weights[name] = try floats(ProbeRoot.dataset(number, place))
      }
      return ProbeRoot(file: root.file, graph: root.graph, weights: weights)
    }
  }
}
