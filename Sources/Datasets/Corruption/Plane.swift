/// One channel of an image: rows of numbers.
struct Plane: Sendable, Hashable {
  /// The number of rows.
  var rows: Int
  /// The number of columns.
  var columns: Int
  /// The elements, row-major.
  var values: [Float]

  /// A plane that is the same everywhere.
  init(rows: Int, columns: Int, repeating value: Float = 0) {
    self.init(
      rows: rows, columns: columns, values: Array(repeating: value, count: rows * columns))
  }

  init(rows: Int, columns: Int, values: [Float]) {
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// An element of 0…1 as the nearest of 256 levels.
  static func byte(_ value: Float) -> Float { (255 * min(1, max(0, value))).rounded() }

  /// What lies beyond the edge, by the names of SciPy.
  enum Edge: Sendable {
    /// The last element: a a | a b c d | d d.
    case nearest
    /// The image in a mirror at the edge: b a | a b c d | d c.
    case reflect
    /// The image in a mirror at the last element: c b | a b c d | c b.
    case mirror
    /// Zeros.
    case zero

    /// The element inside that stands for one outside; nil for a zero.
    func place(_ index: Int, count: Int) -> Int? {
      if index >= 0, index < count { return index }
      switch self {
      case .nearest: return index < 0 ? 0 : count - 1
      case .zero: return nil
      case .reflect:
        let turn = ((index % (2 * count)) + 2 * count) % (2 * count)
        return turn < count ? turn : 2 * count - 1 - turn
      case .mirror:
        guard count > 1 else { return 0 }
        let period = 2 * count - 2
        let turn = ((index % period) + period) % period
        return turn < count ? turn : period - turn
      }
    }
  }

  /// The element at a row and a column, inside or outside.
  func value(_ row: Int, _ column: Int, _ edge: Edge) -> Float {
    guard let row = edge.place(row, count: rows), let column = edge.place(column, count: columns)
    else { return 0 }
    return values[row * columns + column]
  }

  /// The value between four elements, linear along both axes.
  func sample(_ row: Double, _ column: Double, _ edge: Edge) -> Float {
    let (top, left) = (row.rounded(.down), column.rounded(.down))
    // Far outside everything is one value, and the conversion below cannot overflow.
    guard abs(top) < 1e6, abs(left) < 1e6 else { return 0 }
    let (i, j) = (Int(top), Int(left))
    let (down, right) = (Float(row - top), Float(column - left))
    let upper = value(i, j, edge) * (1 - right) + value(i, j + 1, edge) * right
    let lower = value(i + 1, j, edge) * (1 - right) + value(i + 1, j + 1, edge) * right
    return upper * (1 - down) + lower * down
  }

  /// The plane seen through a map that says where each element comes from.
  func mapped(_ edge: Edge, from source: (Int, Int) -> (row: Double, column: Double)) -> Plane {
    var result = self
    for row in 0..<rows {
      for column in 0..<columns {
        let place = source(row, column)
        result.values[row * columns + column] = sample(place.row, place.column, edge)
      }
    }
    return result
  }
}
