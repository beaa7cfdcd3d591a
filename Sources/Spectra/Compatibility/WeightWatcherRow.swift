import Foundation
import LinearAlgebra

/// A row of WeightWatcher 0.7.7's `details`: its columns, by its definitions.
public struct WeightWatcherRow: Sendable {
  /// What stands in a cell.
  public enum Cell: Sendable, Hashable {
    case number(Double)
    case count(Int)
    case text(String)
    case flag(Bool)
    case nothing
  }

  /// The cells, in its order.
  public var cells: [(column: String, value: Cell)] = []

  /// The cell of a column; nil where there is none.
  public subscript(column: String) -> Cell? { cells.first { $0.column == column }?.value }

  /// Gathers the columns.
  ///
  /// - Parameters:
  ///   - layer: which layer.
  ///   - slices: the singular values of each of its matrices, falling, without its scale.
  ///   - shuffled: the shuffled matrices' spectrum, without its scale; nil where it was not asked for.
  init(_ layer: WeightWatcherLayer, slices: [[Double]], shuffled: ShuffledSpectrum?) {
    let scale = layer.scale
    let eigenvalues = slices.joined().map { scale * $0 * $0 }.sorted()
    let largest = eigenvalues.last ?? 0
    let root = scale.squareRoot()
    let rounding = Double(layer.n) * 0x1p-52
    let rank = slices.reduce(0) { sum, values in
      let floor = (values.first ?? 0) * rounding
      return sum + values.count { $0 > floor }
    }
    cells = [
      ("layer_id", .count(layer.number)), ("name", .text(layer.layer.name)),
      ("longname", .text(layer.layer.name)), ("layer_type", .text(layer.type)),
      ("N", .count(layer.n)), ("M", .count(layer.m)), ("rf", .count(layer.window)),
      ("Q", .number(Double(layer.n) / Double(layer.m))), ("has_esd", .flag(true)),
      ("num_evals", .count(eigenvalues.count)),
      ("sv_max", .number(root * (slices.compactMap(\.first).max() ?? 0))),
      // The largest of the slices' smallest.
      ("sv_min", .number(root * (slices.compactMap(\.last).max() ?? 0))),
      ("rank_loss", .count(eigenvalues.count - rank)),
      ("weak_rank_loss", .count(eigenvalues.count { $0 < 1e-6 })),
      ("lambda_max", .number(largest)),
    ]
    let fit = WeightWatcherFit(eigenvalues)
    cells += [
      ("alpha", .number(fit.alpha)), ("xmin", .number(fit.threshold)),
      ("xmax", fit.maximum.map { .number($0) } ?? .nothing), ("D", .number(fit.distance)),
      ("sigma", .number(fit.sigma)), ("num_pl_spikes", .count(fit.spikes)),
      ("status", .text(fit.succeeded ? "success" : "failed")), ("warning", .text(fit.warning)),
    ]
    if let shuffled {
      cells += [
        ("max_rand_eval", .number(scale * shuffled.largest)),
        ("rand_distance", .number(shuffled.distance)),
        ("ww_softrank", .number(scale * shuffled.largest / largest)),
        ("ww_maxdist", .number(largest - scale * shuffled.largest)),
        ("rand_num_spikes", .count(shuffled.traps)), ("num_traps", .count(shuffled.traps)),
      ]
    }
    cells += Self.determinant(eigenvalues, spikes: fit.spikes)
    cells += Self.norms(eigenvalues, alpha: fit.alpha, longSide: layer.n)
  }

  private static func norms(
    _ eigenvalues: [Double], alpha: Double, longSide: Int
  ) -> [(column: String, value: Cell)] {
    let norm = eigenvalues.reduce(0, +)
    let largest = eigenvalues.last ?? 0
    let roots = eigenvalues.map { $0.squareRoot() }
    let floor = (roots.last ?? 0) * Double(longSide) * 0x1p-52
    let rank = roots.count { $0 > floor }
    let entropy = roots.reduce(0.0) { sum, root in
      let share = root * root / norm + 1e-10
      return sum - share * log(share)
    }
    return [
      ("norm", .number(norm)), ("log_norm", .number(log10(norm))),
      ("spectral_norm", .number(largest)), ("log_spectral_norm", .number(log10(largest))),
      ("alpha_weighted", .number(alpha * log10(largest))),
      ("log_alpha_norm", .number(log10(eigenvalues.reduce(0) { $0 + pow($1, alpha) }))),
      ("stable_rank", .number(norm / largest)), ("matrix_rank", .count(rank)),
      ("entropy", .number(entropy / log(Double(rank) + 1e-10))),
    ]
  }

  /// How many of the largest eigenvalues, of mean 1, have a product of about 1.
  private static func determinant(
    _ eigenvalues: [Double], spikes: Int
  ) -> [(column: String, value: Cell)] {
    let mean = eigenvalues.mean ?? 0
    var index = 0
    var count = 0
    if eigenvalues.count >= 2, let first = eigenvalues.first, let last = eigenvalues.last,
      first < last
    {
      (index, count) = (1, eigenvalues.count)
      var product = 0.0
      for place in (1..<eigenvalues.count).reversed() {
        product += log(eigenvalues[place] / mean)
        if product < 0 {
          (index, count) = (place, eigenvalues.count - place)
          break
        }
      }
    }
    let value = mean > 0 && eigenvalues.indices.contains(index) ? eigenvalues[index] : .nan
    return [
      ("detX_num", .count(count)), ("num_ERG_spikes", .count(count)),
      ("ERG_gap", .count(count - spikes)), ("detX_val", .number(value)),
      // The names of the two are exchanged there.
      ("detX_val_unrescaled", .number(value / mean)),
    ]
  }
}
