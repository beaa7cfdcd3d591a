import Foundation
import WeightFiles
import WorkbenchCore

/// Replaces a file by a new version of itself.
enum InPlaceOutput {
  /// Calls `body` with a name beside the file, and gives what was written there the file's name.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`; the file is then as it was.
  static func replace<Result>(
    _ path: String, _ body: (String) async throws -> Result
  ) async throws -> Result {
    // Through links, so that they go on leading to it.
    let target = (path as NSString).resolvingSymlinksInPath
    let folder = target.folderOfPath
    let name = (target as NSString).lastPathComponent
    let mark = String(UInt64.random(in: .min ... .max), radix: 36)
    // The ending stays: it may tell the format.
    let temporary = (folder as NSString).appendingPathComponent(".\(mark).\(name)")
    let sidecars = (
      from: WeightFile.sidecarPath(of: temporary), to: WeightFile.sidecarPath(of: target)
    )
    defer {
      unlink(temporary)
      unlink(sidecars.from)
    }
    let result: Result
    do { result = try await body(temporary) } catch let error as Diagnostic {
      // The name is nobody's.
      var told = error
      told.location = error.location.map { $0 == temporary ? path : $0 }
      throw told
    }
    let hasSidecar = FileManager.default.fileExists(atPath: sidecars.from)
    guard !hasSidecar || rename(sidecars.from, sidecars.to) == 0, rename(temporary, target) == 0
    else {
      throw Diagnostic(
        .cannotWrite, "cannot be replaced: \(String(cString: strerror(errno)))", at: [path],
        remedy: "write to another file with --output")
    }
    if !hasSidecar { unlink(sidecars.to) }
    return result
  }
}
