/// A way to read a row of layers other than as a plain row: with shortcuts, or with layers used twice.
///
/// Boundary 0 is the row's input, boundary j the output of its j-th kernel.
public struct RowVariation: Sendable, Hashable {
  /// The sum of two boundaries' outputs in the place of the later one.
  public struct Shortcut: Sendable, Hashable {
    /// The earlier boundary.
    public var from: Int
    /// The later boundary, of the same width.
    public var to: Int
  }

  /// The shortcuts.
  public var shortcuts: [Shortcut] = []
  /// Whether sums come before the activation: `relu(x + f(x))`, not `x + relu(f(x))`.
  public var addsBeforeActivation = false
  /// The boundaries whose square layer is applied twice.
  public var repeated: [Int] = []

  /// The plain row.
  public static let row = RowVariation()

  /// Whether it is the plain row.
  public var isRow: Bool { shortcuts.isEmpty && repeated.isEmpty }
}

extension RowVariation {
  /// The most variations that are worth trying.
  private static let mostVariations = 64

  /// The variations that the widths of a row allow, the plain row first; nil where there are too many
  /// to be tried.
  ///
  /// Shortcuts are tried one at a time, around every layer of a run, in every subset of up to four
  /// square layers, and in blocks of two and three layers one after another; each before and after
  /// the activation.
  static func all(widths: [Int], sections: [Int]) -> [RowVariation]? {
    var sets: [[Shortcut]] = []
    func isAlike(_ i: Int, _ j: Int) -> Bool {
      widths[i] == widths[j] && sections[i] == sections[j]
    }
    let last = widths.count - 1
    for from in 0..<max(0, last) {
      for to in (from + 1)...last where isAlike(from, to) {
        sets.append([Shortcut(from: from, to: to)])
      }
    }
    let square = (1...max(1, last)).filter { $0 <= last && isAlike($0 - 1, $0) }
    if square.count <= 4 {
      for mask in 1..<(1 << square.count) {
        sets.append(
          square.indices.filter { mask >> $0 & 1 == 1 }.map {
            Shortcut(from: square[$0] - 1, to: square[$0])
          })
      }
    } else {
      sets.append(square.map { Shortcut(from: $0 - 1, to: $0) })
    }
    for period in 2...3 where last >= period {
      for offset in 0..<period {
        var blocks: [Shortcut] = []
        for from in stride(from: offset, through: last - period, by: period)
        where isAlike(from, from + period) {
          blocks.append(Shortcut(from: from, to: from + period))
        }
        if blocks.count > 1 { sets.append(blocks) }
      }
    }
    var result = [RowVariation.row]
    var seen: Set<Set<Shortcut>> = []
    for shortcuts in sets where !shortcuts.isEmpty && seen.insert(Set(shortcuts)).inserted {
      for early in [false, true] {
        result.append(RowVariation(shortcuts: shortcuts, addsBeforeActivation: early))
      }
    }
    result += square.map { RowVariation(repeated: [$0]) }
    if square.count > 1 { result.append(RowVariation(repeated: square)) }
    return result.count <= mostVariations ? result : nil
  }
}
