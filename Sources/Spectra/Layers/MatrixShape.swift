/// A tensor seen as matrices, and the rows of the result that come of it.
struct MatrixShape {
  private let name: String
  private let type: String
  private let tensor: String
  private let shape: [Int]
  private let roles: [SpectralLayer.AxisRole]

  init(
    _ name: String, _ type: String, _ tensor: String, _ shape: [Int],
    _ roles: [SpectralLayer.AxisRole]
  ) {
    self.name = name
    self.type = type
    self.tensor = tensor
    self.shape = shape
    self.roles = roles
  }

  private func count(_ role: SpectralLayer.AxisRole) -> Int {
    shape.indices.reduce(1) { roles[$1] == role ? $0 * shape[$1] : $0 }
  }

  private func layer(
    _ name: String, _ source: SpectralLayer.Source, slices: Int
  ) -> SpectralLayer {
    let (rows, columns) = (count(.row), count(.column))
    return SpectralLayer(
      name: name, type: type, tensors: [tensor], source: source, longSide: max(rows, columns),
      shortSide: min(rows, columns), sliceCount: slices)
  }

  /// All slices together.
  var layers: [SpectralLayer] {
    [layer(name, .view(shape: shape, roles: roles), slices: count(.slice))]
  }

  /// A row for each slice.
  func gates(_ names: [String]) -> [SpectralLayer] {
    guard count(.slice) == names.count else { return layers }
    return names.indices.map { index in
      layer(
        "\(name)[\(names[index])]", .slice(shape: shape, roles: roles, index: index), slices: 1)
    }
  }
}
