import Archives
import Support

/// How a model is written.
public struct WritingOptions: Sendable {
  /// How it is compressed.
  public var compression: CompressionOption
  /// Whether a file that is already there may be replaced.
  public var overwrites: Bool
  /// How many threads work; nil means one a processor. The bytes do not depend on it.
  public var jobs: Int?
  /// How many bytes of decoded tensors are held at once. A larger tensor is read piece by piece; where
  /// it can only be read as a whole, it is held alone, or refused: see `isStrict`.
  public var budget: Int
  /// Whether the budget is a promise: what can only be held, and is larger, is an error then.
  public var isStrict: Bool

  /// Makes options. The budget is at most what one piece of memory may take (`MachineMemory.limit`), and a
  /// promise where that was limited.
  public init(
    compression: CompressionOption = .none, overwrites: Bool = false, jobs: Int? = nil,
    budget: Int? = nil, isStrict: Bool? = nil
  ) {
    self.compression = compression
    self.overwrites = overwrites
    self.jobs = jobs
    self.budget = budget ?? min(256 << 20, MachineMemory.allowed)
    self.isStrict = isStrict ?? MachineMemory.isLimited
  }

  /// How tensors are opened on the way.
  var opening: Opening { Opening(jobs: jobs, budget: budget, isStrict: isStrict) }
}

extension ModelContents {
  /// Writes the model in the format that the path's ending names, through a temporary file that is
  /// flushed to disk and renamed. The same model makes the same bytes.
  ///
  /// Tensors are read when their turn comes, and written range by range: what is held at once is
  /// bounded by the budget, not by the size of the model.
  ///
  /// - Parameters:
  ///   - path: where.
  ///   - options: how.
  ///   - inputs: files of which none may be the output.
  /// - Throws: `Diagnostic`: `cannotWrite`; `usage` where the format cannot hold the model or the
  ///   compression; whatever reading the tensors throws.
  public func write(
    to path: String, _ options: WritingOptions = WritingOptions(), inputs: [WeightFile] = []
  ) throws {
    let format = try OutputFormat(path: path)
    do {
      try format.check(options.compression)
      try check()
      let target = try TemporaryFile(
        for: path, overwrites: options.overwrites, inputs: inputs.flatMap { [$0.file] + $0.parts })
      switch format.wrapper {
      case .none:
        try write(
          format.container, options.compression, options, path, inputs, to: target.descriptor)
      case .zstd, .gzip:
        let inner = try TemporaryFile(beside: path)
        try write(format.container, .none, options, path, inputs, to: inner.descriptor)
        var compression = options.compression
        if compression == .none {
          compression = format.wrapper == .zstd ? .zstd(level: 1) : .gzip(level: 4)
        }
        try StreamWrapper.wrap(
          OpenFile(owning: duplicate(inner.descriptor), path: path), as: compression,
          to: target.descriptor, jobs: options.jobs)
      }
      try Task.checkCancellation()
      try target.commit()
    } catch let error as Diagnostic {
      // What concerns an input names it already.
      throw error.code == .badData ? error : error.inside(path)
    } catch is CancellationError {
      throw Diagnostic(.interrupted, "interrupted; nothing was written", at: [path])
    }
  }

  private func write(
    _ container: OutputFormat.Container, _ compression: CompressionOption,
    _ options: WritingOptions, _ path: String, _ inputs: [WeightFile], to descriptor: Int32
  ) throws {
    let transfer = TensorTransfer(options)
    let contents = widened(for: container)
    switch container {
    case .hdf5:
      try HDF5Writer(compression: compression, transfer: transfer).write(contents, to: descriptor)
    case .keras:
      let weights = try TemporaryFile(beside: path)
      try contents.writeKeras(
        like: inputs, weights: weights.descriptor,
        HDF5Writer(compression: compression, transfer: transfer), to: descriptor)
    case .safetensors:
      try SafetensorsWriter.write(contents, to: descriptor, through: transfer)
    case .npz:
      try NumPyWriter.writeArchive(
        contents, to: descriptor, compression: compression, through: transfer)
    case .npy: try NumPyWriter.writeArray(contents, to: descriptor, through: transfer)
    }
  }
}
