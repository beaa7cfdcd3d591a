import Foundation
import TestSupport

/// The small inputs of every recorded command: networks of the bundled digits, an index of them, and
/// what the commands make of them. Built once, in a folder that the commands run in, so that what
/// they print has relative paths.
enum Scene {
  /// The folder; built when the first command asks for it.
  static let folder = Result { () throws -> Scratch in
    let folder = try Scratch()
    let files = [
      ("graph.yaml", "layers: 3\n"), ("broken.h5", "no weights"), ("grid.csv", table),
      ("sizes.csv", sizes), ("recipe.yaml", recipe),
      ("della.yaml", recipe.replacing("linear", with: "della")),
    ]
    for (name, text) in specs + files {
      try text.write(toFile: folder.path(name), atomically: true, encoding: .utf8)
    }
    for name in ["out", "results"] {
      try FileManager.default.createDirectory(
        atPath: folder.path(name), withIntermediateDirectories: true)
    }
    for line in making {
      let words = line.split(separator: " ").map(String.init)
      let outcome = try Tool.run(words, in: folder.url)
      guard outcome.code == 0 else { throw SceneError(line: line, errors: outcome.errors) }
      if words[0] == "connect" {
        try outcome.output.write(
          toFile: folder.path("results/pair.json"), atomically: true, encoding: .utf8)
      }
    }
    return folder
  }

  /// What could not be made.
  struct SceneError: Error {
    var line: String
    var errors: String
  }

  private static let recipe = """
    merge_method: linear
    models:
      - {model: raw/raw-seed0.h5, parameters: {weight: 1}}
      - {model: raw/raw-seed1.h5, parameters: {weight: [3, 3]}}
    """

  private static let data = "data: digits\nmodel: {kind: mlp, widths: [16, 12]}\n"
  private static let training =
    "training: {optimizer: adamw, learning-rate: 0.003, epochs: 3, batch-size: 64}\n"

  /// `net` is trained, so its numbers depend in their last digits on the processor; `raw` is not:
  /// its weights, and every number that is computed in Float64 of them, are the same everywhere.
  private static let specs = [
    ("net.yaml", "name: net\n" + data + training + "seeds: [0, 1, 2]\n"),
    (
      "raw.yaml",
      "name: raw\n" + data + "training: {optimizer: sgd, epochs: 0}\nseeds: [0, 1, 2]\n"
    ),
    (
      "grid.yaml",
      "name: grid\ndata: digits\nmodel: {kind: mlp, width: 4}\n"
        + "training: {optimizer: sgd, learning-rate: 0.05, epochs: 2, checkpoints: [1]}\n"
        + "grid: {model.width: [4, 8], training.batch-size: [32, 128]}\nseeds: [0, 1]\n"
    ),
    (
      "tree.yaml",
      "name: tree\n" + data + training + """
        models:
          - {name: root}
          - {name: plain, parent: root, seeds: [0, 1], training: {epochs: 1}}
          - name: noisy
            parent: root
            seeds: [0, 1]
            training: {epochs: 1}
            data: {corruption: {type: gaussian-noise, severity: 3}}

        """
    ),
  ]

  /// A table of five by four cells of two seeds: small batches do not fit, narrow networks have barriers, the
  /// widest answer alike. Its numbers are the same everywhere.
  private static let table: String = {
    var lines = ["bs,width,seed,test_acc,train_loss,log_trace,cka,mc"]
    for bs in [8, 32, 128, 512] {
      for (place, width) in [2, 4, 16, 32, 64].enumerated() {
        for seed in 0..<2 {
          let (loss, barrier) = (bs == 8 ? 0.75 : 0.03125, place < 2 ? -12.0 : -0.25)
          lines.append(
            "\(bs),\(width),\(seed),\(70 + 4 * place + seed),\(loss * (1 + Double(seed) / 8)),"
              + "\(bs == 8 ? 8 : 4),\(width == 64 ? 0.875 : 0.5),\(barrier + Double(seed) / 8)")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  /// Sizes and results of the grid's models that follow a law.
  private static let sizes: String = {
    var lines = ["name,units,planted"]
    for (place, width) in [4, 8].enumerated() {
      for (step, size) in [32, 128].enumerated() {
        for seed in 0..<2 {
          let units = Double(1 << (2 * (4 * place + 2 * step + seed)))
          lines.append(
            "grid-width\(width)-batch-size\(size)-seed\(seed),\(units),\(0.25 + 2 / units.squareRoot())"
          )
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  /// The commands that make what others read. They are tested by those that follow.
  private static let making = [
    "zoo build net.yaml -o net", "zoo build raw.yaml -o raw", "zoo build tree.yaml -o tree",
    "match raw/raw-seed0.h5 raw/raw-seed1.h5 --save-permutation permutation.json",
    "signature extract --pretrained tree/tree-root.h5 --standard tree/tree-plain-seed0.h5 "
      + "--robust tree/tree-noisy-seed0.h5 --name noise -o noise.rws.h5",
    "signature extract --pretrained tree/tree-root.h5 --standard tree/tree-plain-seed1.h5 "
      + "--robust tree/tree-noisy-seed1.h5 --name other -o other.rws.h5",
    "patch net/net-seed0.h5 --rws noise.rws.h5 -o patched.h5",
    "zoo index net tree raw -o zoo.sqlite", "zoo scan zoo.sqlite --metrics statistics",
    "zoo index net tree raw -o unscanned.sqlite",
    "zoo scan unscanned.sqlite --shard 1/2 -o shard.sqlite",
    "zoo pack tree -o packed.h5", "zoo build grid.yaml -o grid",
    "zoo index grid -o grid.sqlite --labels sizes.csv",
    "zoo scan grid.sqlite --metrics hessian,connectivity,similarity,averaging --data digits "
      + "--limit 100 --curve-epochs 1",
    "connect net/net-seed0.h5 net/net-seed1.h5 --data digits --points 3 --match --json",
  ]
}
