import Probes
import Support
import Workbench
import ZooIndex

extension ProbeTrainResult {
  /// Where models are in the two directions in which the layer differs most.
  struct Plane: Encodable {
    struct Model: Encodable {
      var file: String
      var x: Double
      var y: Double
      /// The tree that the probe puts it in.
      @OrNull var tree: String?
      var target: String
    }
    /// The shares of the variance that the two directions have.
    var shares: [Double]
    var models: [Model]

    init(_ plane: LayerPlane, _ found: ProbeRun.Result) {
      shares = [plane.shares.x, plane.shares.y]
      models = zip(found.models.files.indices, plane.points).map { place, point in
        Model(
          file: found.models.files[place], x: point.x, y: point.y,
          tree: found.trees.isEmpty ? nil : found.trees[place],
          target: found.models.cells[place].text)
      }
    }
  }

  /// Where the folds are.
  struct Split: Encodable {
    /// The columns of the index, one for each repetition, that say which fold a model is the test of; or
    /// the one that was given.
    var columns: [String]
    /// Whether the index has them.
    var stored: Bool
  }

  /// How models were lined up with the roots of their trees.
  struct Alignment: Encodable {
    struct Root: Encodable {
      var file: String
      var models: Int
    }
    /// What they were lined up with: `root`.
    var to: String
    var roots: [Root]
    /// How many models had units in another order than their root.
    var movedModels: Int

    init(_ found: RootAlignment) {
      to = "root"
      let summary = found.summary
      roots = zip(found.roots, summary.models).map { Root(file: $0.file, models: $1) }
      movedModels = summary.moved
    }
  }
}
