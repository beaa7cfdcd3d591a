import CatalogWire
import WorkbenchCore

extension RewritingJob {
  /// Changes a copy of an HDF5 file, in which offsets are smaller by `shift`: runs of bytes from here,
  /// blocks and the attachment through a worker.
  func writeHDF5(
    to copy: Int32, shift: Int, window: FileWindow, worker: CatalogWorker
  ) async throws {
    var runs: [(index: Int, source: TensorSource, offset: Int)] = []
    var blocks: [Int] = []
    for (index, entry) in entries.enumerated() {
      if case .contiguous(let offset) = entry.layout, let source = try file.directSource(of: entry)
      {
        runs.append((index, source, offset - shift))
      } else {
        blocks.append(index)
      }
    }
    try forEachIndex(count: runs.count, jobs: jobs, workspace: { Space() }) { [runs] space, place in
      let run = runs[place]
      try rewrite(run.index, run: run.source, to: copy, at: run.offset, &space)
    }
    let changes = try changedInMemory(blocks).filter { !$0.stored.isEmpty }
    let patch = try PatchStream()
    for change in changes { try file.add(change, to: patch) }
    let attachment = try rewriting.attachment()
    if let attachment {
      try patch.append(
        dataset: Catalog.Attachment.dataset, place: .attachment, attachment)
    } else {
      try patch.append(
        dataset: String(Catalog.Attachment.group.dropLast()), place: .removal, [])
    }
    try await worker.patch(copy, with: try patch.finish(), largest: attachment?.count ?? 0)
    try await file.verify(changes, in: copy, worker: worker)
  }
}
