import Archives
public import Catalogs
import Formats
public import Support
public import Tensors

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
      remedy: "\(action: .inspect) lists the names")
  }

  /// The tensors of those names.
  ///
  /// - Throws: as `entry(named:)`.
  /// - Complexity: O(names + tensors).
  public func entries(named names: some Collection<String>) throws -> [TensorEntry] {
    let known = Dictionary(
      catalog.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return try names.map { try known[$0] ?? entry(named: $0) }
  }

  /// Reads and decodes one tensor, to little-endian elements of its own type.
  ///
  /// - Parameters:
  ///   - entry: a tensor of this file's catalogue.
  ///   - jobs: how many threads decode; nil means one a processor.
  /// - Throws: `Diagnostic` of code `badData` where the data are damaged.
  public func readBytes(_ entry: TensorEntry, jobs: Int? = nil) throws -> [UInt8] {
    try located(entry) {
      let count = try entry.checkedByteCount()
      try MachineMemory.check(count)
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
  public func read(
    _ entry: TensorEntry, jobs: Int? = nil, budget: MemoryBudget? = nil
  ) throws -> Tensor {
    let count = try located(entry) {
      _ = try entry.checkedByteCount()
      guard let count = checkedProduct(entry.shape),
        let byteCount = checkedProduct([count, MemoryLayout<Float>.size])
      else { throw Diagnostic(.badData, "its shape overflows") }
      try MachineMemory.check(byteCount)
      return count
    }
    let values = try [Float](unsafeUninitializedCapacity: count) { values, initialized in
      try read(
        entry, into: UnsafeMutableBufferPointer(rebasing: values[..<count]), jobs: jobs,
        budget: budget)
      initialized = count
    }
    return Tensor(shape: entry.shape, values: values)
  }

  /// Reads and decodes one tensor into memory of the caller, to Float32. Elements are converted block
  /// by block while they are decoded: there is no second copy of the tensor, but where only libhdf5
  /// itself can undo its filters.
  ///
  /// - Parameters:
  ///   - entry: a tensor of this file's catalogue, of any type.
  ///   - values: as many numbers as the tensor has.
  ///   - jobs: how many threads decode; nil means one a processor.
  ///   - budget: bounds what is in flight, also over several calls at once.
  /// - Throws: `Diagnostic`: `usage` where the memory does not fit, `badData` where the data are
  ///   damaged, `interrupted` where the task was cancelled, which is looked for block by block.
  public func read(
    _ entry: TensorEntry, into values: UnsafeMutableBufferPointer<Float>, jobs: Int? = nil,
    budget: MemoryBudget? = nil
  ) throws {
    try located(entry) {
      guard checkedProduct(entry.shape) == values.count else {
        throw Diagnostic(
          .usage, "its elements do not fit memory for \(values.count) numbers", at: [])
      }
      let target = UnsafeMutableRawBufferPointer(values)
      guard entry.elementType != .float32 else {
        return try fill(target, with: entry, jobs: jobs, budget: budget)
      }
      let reader = TensorReader(file: try part(of: entry), entry: entry, budget: budget)
      if reader.isDecodable {
        if !values.isEmpty { try reader.read(into: target, widens: true, jobs: jobs) }
        return
      }
      let byteCount = try entry.checkedByteCount()
      try MachineMemory.check(byteCount)
      let stored = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
      defer { stored.deallocate() }
      try fill(stored, with: entry, jobs: jobs, budget: budget)
      entry.elementType.widen(UnsafeRawBufferPointer(stored), to: values)
    }
  }

  /// Reads and decodes one tensor into memory of the caller, to little-endian elements of its own
  /// type. Parameters and errors as for Float32.
  public func readBytes(
    _ entry: TensorEntry, into bytes: UnsafeMutableRawBufferPointer, jobs: Int? = nil,
    budget: MemoryBudget? = nil
  ) throws {
    try located(entry) {
      guard try entry.checkedByteCount() == bytes.count else {
        throw Diagnostic(.usage, "its elements do not fit memory of \(bytes.count) bytes", at: [])
      }
      try fill(bytes, with: entry, jobs: jobs, budget: budget)
    }
  }

  /// Reads several tensors in parallel.
  ///
  /// - Throws: `Diagnostic` of code `badData`, that of the first name that fails.
  public func read(
    _ names: [String], jobs: Int? = nil, budget: MemoryBudget? = nil
  ) throws -> Weights {
    let entries = try entries(named: names)
    // Large tensors are decoded one after the other, each by all threads; small ones side by side.
    let isLarge = entries.map { $0.byteCount >= 4 << 20 }
    var weights: Weights = [:]
    let small = entries.indices.filter { !isLarge[$0] }
    let tensors = try Parallel.map(count: small.count, jobs: jobs) { index in
      try read(entries[small[index]], jobs: 1, budget: budget)
    }
    for (index, tensor) in zip(small, tensors) { weights[names[index]] = tensor }
    for index in entries.indices where isLarge[index] {
      weights[names[index]] = try read(entries[index], jobs: jobs, budget: budget)
    }
    return weights
  }

  private func located<Result>(_ entry: TensorEntry, _ work: () throws -> Result) throws -> Result {
    do { return try work() } catch let error as Diagnostic {
      throw error.inside(entry.name).inside(catalog.file)
    }
  }

  /// The file that a tensor's offsets count in.
  private func part(of entry: TensorEntry) throws -> OpenFile {
    guard parts.indices.contains(entry.part) else {
      throw Diagnostic(.badData, "it lies in a file that is not there")
    }
    return parts[entry.part]
  }

  /// Fills a buffer with the elements, little-endian.
  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, with entry: TensorEntry, jobs: Int?,
    budget: MemoryBudget? = nil
  ) throws {
    let target = buffer
    guard !target.isEmpty else { return }
    let reader = TensorReader(file: try part(of: entry), entry: entry, budget: budget)
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
          of: storedPrefix + entry.name, in: parts[entry.part], window: window,
          byteCount: target.count))
    }
    // The scales of blocks are turned round where they are read.
    if entry.isBigEndian, entry.quantisedType == nil {
      reverseElementBytes(target, elementByteCount: entry.elementType.byteCount)
    }
  }
}

extension WeightFile: TensorStore {
  /// Reads and decodes one tensor, to Float32, on all processors.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the data are damaged.
  public func tensor(_ entry: TensorEntry) throws -> Tensor { try read(entry) }
}
