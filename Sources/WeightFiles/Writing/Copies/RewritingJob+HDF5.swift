import Catalogs
import CatalogWire
import Formats
import Support

extension RewritingJob {
  /// Runs of bytes are changed from here, blocks and the attachment through a worker.
  func writeHDF5(
    to copy: Int32, holding range: FileWindow, window: FileWindow, worker: CatalogWorker
  ) async throws {
    try file.checkSharing(Set(entries.map(\.name)))
    let shared = Set(file.catalog.sharedStorage().flatMap(\.names))
    try copyRange(
      of: file.parts[0], from: range.offset, count: range.byteCount, to: copy, at: 0)
    var runs: [Run] = []
    var blocks: [Int] = []
    for (index, entry) in entries.enumerated() {
      if case .contiguous(let offset) = entry.layout, !shared.contains(entry.name),
        let source = try file.directSource(of: entry)
      {
        runs.append(Run(index: index, source: source, target: offset - range.offset))
      } else {
        blocks.append(index)
      }
    }
    let groups = groups(of: runs)
    try forEachIndex(count: groups.count, jobs: jobs, workspace: { Space() }) { space, place in
      try rewrite(groups[place], to: copy, &space)
    }
    let sets = file.changedTogether(blocks.map { entries[$0].name })
    let sizes = sets.map { set in set.reduce(0) { $0 + entries[blocks[$1]].byteCount } }
    for group in copyGroups(of: sizes, within: WritingOptions().budget) {
      let changes = try file.unlinked(
        try changedInMemory(sets[group].joined().map { blocks[$0] }))
      try await file.apply(
        changes, to: copy, shift: range.offset, window: window, worker: worker)
    }
    let patch = try PatchStream()
    let attachment = try rewriting.attachment().map(joined)
    if let attachment {
      try patch.append(
        dataset: Catalog.Attachment.dataset, place: .attachment, attachment)
    } else {
      try patch.append(
        dataset: String(Catalog.Attachment.group.dropLast()), place: .removal, [])
    }
    try await worker.patch(copy, with: try patch.finish(), largest: attachment?.count ?? 0)
    try await file.verify([], in: copy, worker: worker)
  }
}
