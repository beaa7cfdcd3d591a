import Archives
import Catalogs
import Foundation
import Support

extension FolderCopy {
  /// Whether all tensors are in one file.
  var isOneFile: Bool { file.catalog.parts.count == 1 }

  /// Writes the folder with tensors that are changed piece by piece, and with the attachment that results: in
  /// the first file with tensors, or beside it. All or nothing.
  ///
  /// - Parameters:
  ///   - path: where.
  ///   - rewriting: what changes.
  ///   - overwrites: whether a model's folder that is there may be replaced.
  ///   - inPlace: whether the path may be the folder's own.
  ///   - jobs: how many threads work.
  /// - Throws: `Diagnostic`: `cannotWrite` where the folder cannot be written, or holds more than a model; what
  ///   the changes throw.
  func write(
    to path: String, rewriting: TensorRewriting, overwrites: Bool, inPlace: Bool, jobs: Int?
  ) async throws {
    let path = FolderCopy.trimmed(path)
    try FolderCopy.check(
      path, overwrites: overwrites || inPlace, inputs: inPlace ? [] : file.catalog.parts)
    guard let record = file.recordPart?.path else {
      throw Diagnostic(.badData, "no file of it holds tensors", at: [file.catalog.file])
    }
    // The attachment is known when all tensors are changed: its file comes last.
    let name = (record as NSString).lastPathComponent
    _ = try await fill(path, last: record, optional: [WeightFile.sidecarPath(of: name)]) {
      part, source, place in
      try await rewrite(part, source, to: place, rewriting, isLast: source == record, jobs)
    }
  }

  /// Writes one of the files with its tensors changed.
  ///
  /// - Parameter isLast: whether it takes the attachment; the others lose what they have.
  private func rewrite(
    _ part: Int, _ source: String, to place: String, _ rewriting: TensorRewriting, isLast: Bool,
    _ jobs: Int?
  ) async throws {
    let file = isOneFile ? file : try await WeightFile.open(source)
    let own = Set(self.file.catalog.tensors.filter { $0.part == part }.map(\.name))
    let chosen = rewriting.names.indices.filter { own.contains(rewriting.names[$0]) }
    var changes = rewriting
    changes.names = chosen.map { rewriting.names[$0] }
    changes.rewriter = { try rewriting.rewriter(chosen[$0]) }
    if !isLast {
      changes.expectedAttachmentByteCount = 0
      changes.attachment = { nil }
    }
    try await file.rewriteAlone(to: place, changes, .refuse, jobs: jobs, isAlone: true)
  }
}
