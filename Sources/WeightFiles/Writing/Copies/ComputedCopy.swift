import WorkbenchCore

/// Which tensors of a copy are written as runs of bytes, and which are held.
struct ComputedCopy: ContainerChanges {
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
    _ = try file.entries(named: replacements.keys.sorted())
    try file.checkSharing(Set(replacements.keys))
    let shared = try ComputedCopy.sharedNames(file.catalog)
    for entry in file.catalog.tensors {
      guard let replacement = replacements[entry.name] else { continue }
      try file.checkFilters(of: entry)
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

  func writePlain(
    to copy: TemporaryFile, another: () throws -> TemporaryFile
  ) throws -> TemporaryFile {
    try file.checkInPlace()
    try writeRuns(
      to: copy.descriptor, window: FileWindow(offset: 0, byteCount: file.file.byteCount))
    // All at once: of those that share bytes the last one would win.
    let touched = try file.overwrite(try held(others[...]), in: copy.descriptor)
    try file.updateChecksums(of: runs.map(\.extent) + touched, in: copy.descriptor)
    // Its tensors are no longer those that were patched.
    _ = try AttachmentMark.write(nil, to: copy.descriptor, path: copy.target)
    return copy
  }

  func writeHDF5(
    to copy: Int32, holding range: FileWindow, window: FileWindow, worker: CatalogWorker
  ) async throws {
    try writeRuns(to: copy, window: range)
    for group in copyGroups(of: others.map(\.byteCount), within: options.budget) {
      try await file.apply(
        try held(others[group]), to: copy, shift: range.offset, window: window, worker: worker,
        keepsPlaces: true)
    }
  }

  /// The changes of tensors that are not runs.
  private func held(
    _ items: ArraySlice<ModelContents.Item>
  ) throws -> [WeightFile.Change] {
    try items.map { item in
      let bytes: [UInt8]
      do { bytes = try item.bytes(options.opening) } catch let error as Diagnostic {
        throw error.location.contains(item.name) ? error : error.inside(item.name)
      }
      return try file.change(of: item.name, to: bytes)
    }
  }

  /// Writes a window of the file, with runs in the place of what is there.
  private func writeRuns(to descriptor: Int32, window: FileWindow) throws {
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
    try TensorTransfer(options).write(
      runs.map(\.item), to: descriptor, at: runs.map { $0.extent.lowerBound - window.offset })
  }
}
