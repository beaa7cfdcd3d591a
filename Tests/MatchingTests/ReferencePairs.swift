import Foundation
import ModelGraph
import Tensors
import WeightFiles

/// Trained networks and the figures of a NumPy and SciPy coordinate descent on them, which lie beside
/// the repository where they are at hand.
struct ReferencePair: Sendable, CustomStringConvertible {
  let a: String
  let b: String
  let before: Double
  let best: Double
  let worst: Double

  var description: String { "\(a) and \(b)" }

  static let all = [
    ReferencePair(
      a: "fashion-mlp512-1.h5", b: "fashion-mlp512-2.h5", before: 2083.501, best: 1366.121,
      worst: 1367.185),
    ReferencePair(
      a: "fashion-mlp512-1.h5", b: "fashion-mlp512-3.h5", before: 2084.870, best: 1362.870,
      worst: 1363.784),
    ReferencePair(
      a: "fashion-mlp512-2.h5", b: "fashion-mlp512-3.h5", before: 2073.007, best: 1356.629,
      worst: 1358.201),
    ReferencePair(
      a: "mnist-mlp-1.h5", b: "mnist-mlp-2.h5", before: 2190.638, best: 1632.100, worst: 1632.583),
    ReferencePair(
      a: "mnist-cnn-1.h5", b: "mnist-cnn-2.h5", before: 336.863, best: 189.554, worst: 190.713),
  ]

  /// The folder of the networks: `../shared/models` beside the package.
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "../shared/models").standardizedFileURL.path

  static var areAtHand: Bool {
    FileManager.default.fileExists(atPath: folder + "/fashion-mlp512-1.h5")
  }

  /// Both networks under the names of the first, and its groups.
  func load() async throws -> (a: Weights, b: Weights, groups: [PermutationGroup]) {
    let fileA = try await WeightFile.open(Self.folder + "/" + a)
    let fileB = try await WeightFile.open(Self.folder + "/" + b)
    let pair = try ModelPair(ModelGraph(fileA.catalog), ModelGraph(fileB.catalog))
    let weightsA = try fileA.read(pair.tensorsBFromA.keys.sorted())
    let weightsB = try fileB.read(pair.tensorsBFromA.values.sorted())
    return (weightsA, pair.alignedToA(weightsB), pair.groupsA)
  }
}
