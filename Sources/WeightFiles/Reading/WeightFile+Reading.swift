import WorkbenchCore

extension WeightFile {
  /// The tensor of that name.
  ///
  /// - Throws: `Diagnostic` of code `badData`: with the reason where the file has something of that
  ///   name that cannot be read.
  public func entry(named name: String) throws -> TensorEntry {
    if let entry = catalog.tensor(named: name) { return entry }
    if let skipped = catalog.skipped.first(where: { $0.name == name }) {
      throw Diagnostic(.badData, "cannot be read: \(skipped.reason)", at: [catalog.file, name])
    }
    throw Diagnostic(
      .badData, "there is no tensor of that name", at: [catalog.file, name],
      remedy: "`wsl inspect` lists the names")
  }

  /// Reads and decodes one tensor, to little-endian elements of its own type.
  ///
  /// - Parameters:
  ///   - entry: a tensor of this file's catalogue.
  ///   - jobs: how many threads decode; nil means one a processor.
  /// - Throws: `Diagnostic` of code `badData` where the data are damaged.
  public func readBytes(_ entry: TensorEntry, jobs: Int? = nil) throws -> [UInt8] {
    try located(entry) {
      let count = try TensorReader.byteCount(of: entry)
      return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        try fill(UnsafeMutableRawBufferPointer(buffer), with: entry, jobs: jobs)
        initialized = count
      }
    }
  }

  /// Reads and decodes one tensor, to Float32.
  ///
  /// - Parameters:
  ///   - entry: a tensor of this file's catalogue, of any type.
  ///   - jobs: how many threads decode; nil means one a processor.
  /// - Throws: `Diagnostic` of code `badData` where the data are damaged.
  public func read(_ entry: TensorEntry, jobs: Int? = nil) throws -> Tensor {
    try located(entry) {
      let byteCount = try TensorReader.byteCount(of: entry)
      guard let count = checkedProduct(entry.shape) else {
        throw Diagnostic(.badData, "its shape overflows")
      }
      let values = try [Float](unsafeUninitializedCapacity: count) { values, initialized in
        if entry.elementType == .float32 {
          try fill(UnsafeMutableRawBufferPointer(values), with: entry, jobs: jobs, count: byteCount)
        } else {
          let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
          defer { stored.deallocate() }
          try fill(stored, with: entry, jobs: jobs)
          adviseHugePages(UnsafeMutableRawBufferPointer(values))
          try widen(UnsafeRawBufferPointer(stored), of: entry.elementType, to: values, jobs: jobs)
        }
        initialized = count
      }
      return Tensor(shape: entry.shape, values: values)
    }
  }

  /// Reads several tensors in parallel.
  ///
  /// - Throws: `Diagnostic` of code `badData`, that of the first name that fails.
  public func read(_ names: [String], jobs: Int? = nil) throws -> Weights {
    let entries = try names.map(entry(named:))
    // Large tensors are decoded one after the other, each by all threads; small ones side by side.
    let isLarge = entries.map { $0.byteCount >= 4 << 20 }
    var weights: Weights = [:]
    let small = entries.indices.filter { !isLarge[$0] }
    let tensors = try Parallel.map(count: small.count, jobs: jobs) { index in
      try read(entries[small[index]], jobs: 1)
    }
    for (index, tensor) in zip(small, tensors) { weights[names[index]] = tensor }
    for index in entries.indices where isLarge[index] {
      weights[names[index]] = try read(entries[index], jobs: jobs)
    }
    return weights
  }

  private func located<Result>(_ entry: TensorEntry, _ work: () throws -> Result) throws -> Result {
    do { return try work() } catch let error as Diagnostic {
      throw error.inside(entry.name).inside(catalog.file)
    }
  }

  /// Converts elements to Float32, in pieces that several threads take.
  private func widen(
    _ stored: UnsafeRawBufferPointer, of type: ElementType,
    to values: UnsafeMutableBufferPointer<Float>, jobs: Int?
  ) throws {
    // Each piece reads and writes a range of its own.
    nonisolated(unsafe) let (stored, values) = (stored, values)
    let size = 1 << 20
    let count = min(values.count, stored.count / type.byteCount)
    try Parallel.forEach(count: (count + size - 1) / size, jobs: jobs) { piece in
      let range = (piece * size)..<min(count, (piece + 1) * size)
      let bytes = (range.lowerBound * type.byteCount)..<(range.upperBound * type.byteCount)
      type.widen(
        UnsafeRawBufferPointer(rebasing: stored[bytes]),
        to: UnsafeMutableBufferPointer(rebasing: values[range]))
    }
  }

  /// Fills a buffer with the elements, little-endian.
  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, with entry: TensorEntry, jobs: Int?, count: Int? = nil
  ) throws {
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count ?? buffer.count))
    guard !target.isEmpty else { return }
    guard parts.indices.contains(entry.part) else {
      throw Diagnostic(.badData, "it lies in a file that is not there")
    }
    let reader = TensorReader(file: parts[entry.part], entry: entry)
    if reader.isDecodable {
      try reader.read(into: target, jobs: jobs)
    } else {
      if let filter = FilterPipeline.unknownFilter(of: entry) {
        throw Diagnostic(
          .badData, "its chunks went through the filter \(filter), which is not read here",
          remedy: "write it again with gzip, or without a filter")
      }
      guard case .hdf5(let window, let worker) = source else {
        throw Diagnostic(.failed, "its filters are not undone here")
      }
      target.copyBytes(
        from: try worker.elements(
          of: entry.name, in: parts[entry.part], window: window, byteCount: target.count))
    }
    if entry.isBigEndian {
      reverseElementBytes(target, elementByteCount: entry.elementType.byteCount)
    }
  }
}
