import CatalogWire
import WorkbenchCore

extension RewritingJob {
  /// Runs of bytes are changed from here, blocks and the attachment through a worker.
  func writeHDF5(
    to copy: Int32, holding range: FileWindow, window: FileWindow, worker: CatalogWorker
  ) async throws {
    try copyRange(
      of: file.parts[0], from: range.offset, count: range.byteCount, to: copy, at: 0)
    var runs: [(index: Int, source: TensorSource, offset: Int)] = []
    var blocks: [Int] = []
    for (index, entry) in entries.enumerated() {
      if case .contiguous(let offset) = entry.layout, let source = try file.directSource(of: entry)
      {
        runs.append((index, source, offset - range.offset))
      } else {
        blocks.append(index)
      }
    }
    try forEachIndex(count: runs.count, jobs: jobs, workspace: { Space() }) { [runs] space, place in
      let run = runs[place]
      try rewrite(run.index, run: run.source, to: copy, at: run.offset, &space)
    }
    let sizes = blocks.map { entries[$0].byteCount }
    for group in copyGroups(of: sizes, within: WritingOptions().budget) {
      try await file.apply(
        try changedInMemory(Array(blocks[group])), to: copy, shift: range.offset, window: window,
        worker: worker)
    }
    let patch = try PatchStream()
    let attachment = try rewriting.attachment()
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
