import Support

/// Tensors that are written column by column.
@propertyWrapper
public struct TensorTable: Sendable, Hashable, Codable {
  /// The tensors.
  public var wrappedValue: [SignatureTensor]

  /// Wraps tensors.
  public init(wrappedValue: [SignatureTensor]) { self.wrappedValue = wrappedValue }

  /// Reads the columns.
  public init(from decoder: any Decoder) throws {
    let columns = try TensorColumns(from: decoder)
    try columns.check()
    wrappedValue = columns.rows
  }

  /// Writes the columns.
  public func encode(to encoder: any Encoder) throws {
    try TensorColumns(wrappedValue).encode(to: encoder)
  }
}

/// The tensors of a manifest as they stand in its text: a list for each figure, which compresses to two
/// thirds of a list of tensors.
struct TensorColumns: Sendable, Hashable, Codable {
  private var name: [String]
  private var place: [Int?]
  private var shape: [[Int]]
  private var type: [String]
  private var kind: [SignatureTensor.Kind]
  private var levels: [Int?]
  private var zero: [Int?]
  private var step: [Float?]
  private var offset: [Int]
  private var base: [String]
  private var norm: [Float]
  private var relativeNorm: [Float?]
  private var cosine: [Float?]
  private var removed: [Float?]
  private var sample: [String?]

  /// Takes tensors apart.
  init(_ tensors: [SignatureTensor]) {
    name = tensors.map(\.name)
    place = tensors.map(\.place)
    shape = tensors.map(\.shape)
    type = tensors.map(\.type)
    kind = tensors.map(\.kind)
    levels = tensors.map(\.grid?.levels)
    zero = tensors.map(\.grid?.zero)
    step = tensors.map(\.grid?.step)
    offset = tensors.map(\.offset)
    base = tensors.map(\.base)
    norm = tensors.map(\.norm)
    relativeNorm = tensors.map(\.relativeNorm)
    cosine = tensors.map(\.cosine)
    removed = tensors.map(\.removed)
    sample = tensors.map(\.sample)
  }

  /// Checks that all lists are as long as the names.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  func check() throws {
    let counts = [
      place.count, shape.count, type.count, kind.count, levels.count, zero.count, step.count,
      offset.count, base.count, norm.count, relativeNorm.count, cosine.count, removed.count,
      sample.count,
    ]
    guard counts.allSatisfy({ $0 == name.count }) else {
      throw Diagnostic(.badData, "its manifest contradicts itself")
    }
  }

  /// Tensor by tensor.
  var rows: [SignatureTensor] {
    name.indices.map { index in
      var grid: Grid?
      if let levels = levels[index], let zero = zero[index], let step = step[index] {
        grid = Grid(levels: levels, zero: zero, step: step)
      }
      return SignatureTensor(
        name: name[index], place: place[index], shape: shape[index], type: type[index],
        kind: kind[index], grid: grid, offset: offset[index], base: base[index],
        norm: norm[index], relativeNorm: relativeNorm[index], cosine: cosine[index],
        removed: removed[index], sample: sample[index])
    }
  }
}
