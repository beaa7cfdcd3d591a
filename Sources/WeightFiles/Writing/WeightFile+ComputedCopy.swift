import WorkbenchCore

extension WeightFile {
  /// Writes a copy of the container in which tensors are replaced by what is computed while it is
  /// written: same layout, same filters, same names and attributes, through a temporary file that is
  /// flushed to disk and renamed. The same replacements make the same bytes.
  ///
  /// Tensors that are one run of bytes are written range by range and never held; those in blocks,
  /// and those that share their bytes with others, are held until all are written.
  ///
  /// - Parameters:
  ///   - path: where to write. None of the inputs.
  ///   - replacements: for some tensors, by name, what stands in their place.
  ///   - options: how; the container's own compression stays.
  ///   - inputs: files of which none may be the output.
  /// - Throws: `Diagnostic`: `cannotWrite` where the target cannot be written, `badData` where a
  ///   tensor cannot be replaced in this container, whatever computing throws.
  public func writeCopy(
    to path: String, computing replacements: [String: TensorReplacement],
    _ options: WritingOptions = WritingOptions(), inputs: [WeightFile] = []
  ) async throws {
    guard try !CompressedFile.isCompressed(file) else {
      throw Diagnostic(
        .usage, "the file is compressed as a whole, and no copy of it is written",
        at: [catalog.file], remedy: "decompress it first, or write another format")
    }
    let target = try TemporaryFile(
      for: path, overwrites: options.overwrites,
      inputs: ([self] + inputs).flatMap { [$0.file] + $0.parts })
    let plan = try ComputedCopy(self, replacements, options)
    switch source {
    case .plain: try plan.writeInPlace(to: target.descriptor)
    case .hdf5(let window, let worker) where catalog.format == .keras:
      let weights = try TemporaryFile(for: path, overwrites: options.overwrites)
      try plan.writeRuns(to: weights.descriptor, window: window)
      try await apply(
        try plan.held(), to: weights.descriptor, shift: window.offset, window: window,
        worker: worker)
      try KerasArchive.rewrite(file, weights: weights.descriptor, to: target.descriptor)
    case .hdf5(let window, let worker):
      let whole = FileWindow(offset: 0, byteCount: file.byteCount)
      try plan.writeRuns(to: target.descriptor, window: whole)
      try await apply(
        try plan.held(), to: target.descriptor, shift: 0, window: window, worker: worker)
    }
    if Task.isCancelled {
      throw Diagnostic(.interrupted, "interrupted; nothing was written", at: [path])
    }
    try target.commit(overwrites: options.overwrites)
  }
}

/// Which tensors of a copy are written as runs of bytes, and which are held.
private struct ComputedCopy {
  let file: WeightFile
  let options: WritingOptions
  /// Tensors whose bytes are theirs alone and lie in one run, and where.
  private var runs: [(item: ModelContents.Item, extent: Range<Int>)] = []
  /// The others that change.
  private var others: [ModelContents.Item] = []

  init(
    _ file: WeightFile, _ replacements: [String: TensorReplacement], _ options: WritingOptions
  ) throws {
    self.file = file
    self.options = options
    try file.checkSharing(Set(replacements.keys))
    let shared = try ComputedCopy.sharedNames(file.catalog)
    for entry in file.catalog.tensors {
      guard let replacement = replacements[entry.name] else { continue }
      let item = ModelContents.Item(entry, computed: replacement)
      if case .contiguous = entry.layout, !entry.isBigEndian, !shared.contains(entry.name),
        let extent = try entry.extent()
      {
        if !extent.isEmpty { runs.append((item, extent)) }
      } else {
        others.append(item)
      }
    }
    runs.sort { $0.extent.lowerBound < $1.extent.lowerBound }
  }

  /// The tensors of which some bytes are those of another one, too.
  private static func sharedNames(_ catalog: Catalog) throws -> Set<String> {
    let extents = try catalog.tensors.compactMap { entry in
      try entry.extent().map { (name: entry.name, part: entry.part, range: $0) }
    }.filter { !$0.range.isEmpty }.sorted {
      ($0.part, $0.range.lowerBound) < ($1.part, $1.range.lowerBound)
    }
    var names: Set<String> = []
    var widest: (name: String, part: Int, end: Int)?
    for next in extents {
      if let before = widest, before.part == next.part, before.end > next.range.lowerBound {
        names.formUnion([before.name, next.name])
      }
      if widest?.part != next.part || next.range.upperBound > widest?.end ?? 0 {
        widest = (next.name, next.part, next.range.upperBound)
      }
    }
    return names
  }

  /// The changes of tensors that are not runs.
  func held() throws -> [WeightFile.Change] {
    try others.map { item in
      let bytes: [UInt8]
      do { bytes = try item.bytes(jobs: options.jobs) } catch let error as Diagnostic {
        throw error.location.contains(item.name) ? error : error.inside(item.name)
      }
      return try file.changes([item.name: bytes])[0]
    }
  }

  /// Writes a window of the file, with runs in the place of what is there.
  func writeRuns(to descriptor: Int32, window: FileWindow) throws {
    var place = window.offset
    for run in runs {
      try copyRange(
        of: file.parts[0], from: place, count: run.extent.lowerBound - place, to: descriptor,
        at: place - window.offset)
      place = run.extent.upperBound
    }
    try copyRange(
      of: file.parts[0], from: place, count: window.offset + window.byteCount - place,
      to: descriptor, at: place - window.offset)
    try TensorTransfer(jobs: options.jobs, budget: options.budget).write(
      runs.map(\.item), to: descriptor, at: runs.map { $0.extent.lowerBound - window.offset })
  }

  /// Writes a file whose tensors are runs of plain bytes. Checksums of a zip archive follow.
  func writeInPlace(to descriptor: Int32) throws {
    try file.checkInPlace()
    try writeRuns(to: descriptor, window: FileWindow(offset: 0, byteCount: file.file.byteCount))
    let touched = try file.overwrite(try held(), in: descriptor)
    try file.updateChecksums(of: runs.map(\.extent) + touched, in: descriptor)
  }
}
