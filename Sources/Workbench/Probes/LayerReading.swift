import Catalogs
import LinearAlgebra
import Probes
import Spectra
import Support
import Synchronization
import Tensors
import WeightFiles
import ZooIndex

/// Reads layers of many models into stacks, each model once.
struct LayerReading {
  let index: ZooIndex
  let options: ZooReading.Options
  let progress: ProgressHandler?
  /// Lines models up before they are read; nil reads them as they are.
  var alignment: RootAlignment?
  /// The place of each model's root, by its identifier; the nearest root for others.
  var roots: [Int64: Int] = [:]
  /// How kernels of convolutions become matrices.
  var convolutions = ModelLayers.Convolutions.transposed

  /// What was read.
  struct Result {
    /// A stack for each layer, of the models that could be read.
    var stacks: [LayerStack<Float>]
    /// The seven numbers of each tensor that was asked for, a row a model; nil where none was.
    var statistics: Matrix<Double>?
    /// Why models could not be read, by their place.
    var failures: [Int: String]
    /// The bytes of the tensors that were read, as they are stored.
    var byteCount: Int
  }

  /// Reads.
  ///
  /// - Parameters:
  ///   - models: identifiers in the index.
  ///   - layers: the layers, with the longest inner side of their factors.
  ///   - statistics: the tensors whose seven numbers are wanted.
  func read(
    _ models: [Int64], layers: [(layer: ModelLayers.Layer, rank: Int?)],
    statistics: [String] = [], convention: StatisticsConvention = .minmax
  ) async throws -> Result {
    let places = layers.map { layer, rank in
      SharedBuffer(count: models.count * LayerReading.stride(layer, rank))
    }
    let numbers = Mutex(Array(repeating: [Double](), count: models.count))
    let bytes = Mutex(0)
    let failures = try await ZooReading(options: options).forEach(
      models, of: index,
      opensInFull: { [alignment] in alignment != nil || ModelLayers.needDocuments($0) },
      progress: progress
    ) { place, model in
      let own = ModelLayers(model.file.catalog, convolutions: convolutions).layers
      var touched: Set<String> = []
      if let alignment {
        let names = Set(layers.map(\.layer.name))
        let found = try alignment.align(
          model, to: roots[models[place]], as: models[place],
          tensors: own.filter { names.contains($0.name) }.flatMap(\.source.tensors))
        if found.isNew { touched.formUnion(model.entries.map(\.name)) }
      }
      for (at, (layer, rank)) in layers.enumerated() {
        guard let found = own.first(where: { $0.name == layer.name }), found.shape == layer.shape
        else {
          throw Diagnostic(.badData, "it has no layer \(layer.name) any more")
        }
        let values = try found.read(from: model, rank: rank)
        places[at].write(values, at: place * values.count)
        touched.formUnion(found.source.tensors)
      }
      if !statistics.isEmpty {
        let row = try TensorNumbers.row(statistics, convention, of: model)
        numbers.withLock { $0[place] = row }
        touched.formUnion(statistics)
      }
      let read = model.entries.filter { touched.contains($0.name) }
      bytes.withLock { $0 += read.reduce(0) { $0 + $1.readByteCount } }
    }
    let kept = models.indices.filter { failures[$0] == nil }
    let stacks = zip(layers, places).map { layer, place -> LayerStack<Float> in
      let size = LayerReading.stride(layer.layer, layer.rank)
      return LayerStack(
        rows: layer.layer.rows, columns: layer.layer.columns, rank: layer.rank,
        values: place.values(of: kept, size: size))
    }
    var matrix: Matrix<Double>?
    if !statistics.isEmpty {
      let rows = numbers.withLock { rows in kept.map { rows[$0] } }
      matrix = Matrix(
        rows: kept.count, columns: 7 * statistics.count, values: rows.flatMap { $0 })
    }
    return Result(
      stacks: stacks, statistics: matrix, failures: failures, byteCount: bytes.withLock { $0 })
  }

  /// How many numbers a model takes in a stack.
  static func stride(_ layer: ModelLayers.Layer, _ rank: Int?) -> Int {
    rank.map { $0 * (layer.rows + layer.columns) } ?? layer.rows * layer.columns
  }
}

/// Memory that threads fill, each at a place of its own.
private final class SharedBuffer: @unchecked Sendable {
  private let base: UnsafeMutableBufferPointer<Float>

  init(count: Int) {
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: 0)
  }

  deinit {
    base.deinitialize()
    base.deallocate()
  }

  func write(_ values: [Float], at place: Int) {
    _ = base[place..<place + values.count].update(fromContentsOf: values)
  }

  /// The numbers of some models, one after the other.
  func values(of models: [Int], size: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: models.count * size) { target, count in
      for (row, model) in models.enumerated() {
        _ = target[row * size..<(row + 1) * size].initialize(
          fromContentsOf: base[model * size..<(model + 1) * size])
      }
      count = models.count * size
    }
  }
}

/// Seven numbers of each tensor.
enum TensorNumbers {
  /// The numbers of a model's tensors, tensor by tensor.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it lacks one, or one is not finite.
  static func row(
    _ tensors: [String], _ convention: StatisticsConvention, of model: ScannedModel
  ) throws -> [Double] {
    try tensors.flatMap { name -> [Double] in
      guard let entry = model.entries.first(where: { $0.name == name }) else {
        throw Diagnostic(.badData, "it has no such tensor", at: [name])
      }
      return try model.with(entry) { tensor in
        if let place = tensor.firstNonFinite {
          throw Diagnostic(.badData, "element \(place) is \(tensor.values[place])", at: [name])
        }
        return convention.numbers(of: TensorSummary(tensor.values))
      }
    }
  }
}
