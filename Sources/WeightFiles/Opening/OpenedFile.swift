import Archives
import Catalogs
public import Formats
import Support

/// What a path names: one model, or an archive of some.
public enum OpenedFile: Sendable {
  case model(WeightFile)
  case archive(ModelArchive)
}

extension WeightFile {
  /// Opens a file that may also be an archive of weight files.
  ///
  /// - Throws: as `open`.
  public static func openAny(
    _ path: String, limits: WorkerLimits = WorkerLimits()
  ) async throws -> OpenedFile {
    let opened = try await openAny(path) { try CatalogWorker(limits: limits) }
    if case .model(let file) = opened, file.catalog.isPackedZoo {
      return .archive(ModelArchive(.packed(try PackedZoo(file)), path: path))
    }
    return opened
  }

  /// Opens a member of an archive.
  static func open(
    member file: OpenFile, selection: String? = nil, limits: WorkerLimits
  ) async throws -> WeightFile {
    let path = file.path + (selection.map { "#" + $0 } ?? "")
    do {
      let opened = try await open(file, path, selection: selection) {
        try CatalogWorker(limits: limits)
      }
      guard case .model(let member) = opened else {
        throw Diagnostic(
          .badData, "this is an archive within an archive, which is not looked into",
          remedy: "unpack the outer one")
      }
      var catalog = member.catalog
      // Its offsets count in the member, and there is no path of that name.
      catalog.isAddressable = false
      var result = WeightFile(
        catalog: catalog, file: member.file, parts: member.parts, source: member.source)
      result.storedPrefix = member.storedPrefix
      return result
    } catch let error as Diagnostic { throw error.inside(file.path) }
  }
}
