import Archives
import Catalogs
import Formats
import Support

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
    let shared = Set(file.catalog.sharedStorage().flatMap(\.names))
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

  func writePlain(
    to copy: TemporaryFile, another: () throws -> TemporaryFile
  ) throws -> TemporaryFile {
    try file.checkInPlace()
    try writeRuns(
      to: copy.descriptor, window: FileWindow(offset: 0, byteCount: file.file.byteCount))
    // All at once: of those that share bytes the last one would win.
    let touched = try file.overwrite(try held(others), in: copy.descriptor)
    try file.updateChecksums(of: runs.map(\.extent) + touched, in: copy.descriptor)
    // Its tensors are no longer those that were patched.
    _ = try AttachmentMark.write(nil, to: copy.descriptor, path: copy.target)
    return copy
  }

  func writeHDF5(
    to copy: Int32, holding range: FileWindow, window: FileWindow, worker: CatalogWorker
  ) async throws {
    try writeRuns(to: copy, window: range)
    let sets = file.changedTogether(others.map(\.name))
    let sizes = sets.map { set in set.reduce(0) { $0 + others[$1].byteCount } }
    for group in copyGroups(of: sizes, within: options.budget) {
      let changes = try file.unlinked(try held(sets[group].joined().map { others[$0] }))
      try await file.apply(
        changes, to: copy, shift: range.offset, window: window, worker: worker,
        keepsPlaces: true)
    }
  }

  /// The changes of tensors that are not runs.
  private func held(
    _ items: [ModelContents.Item]
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
