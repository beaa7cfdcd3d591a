import WorkbenchCore

/// A weight file, opened: its catalogue, and reads of its tensors.
///
/// The file stays open as long as a copy of this value lives, so that all reads see the file that
/// was catalogued, whatever is renamed over its path.
public struct WeightFile: Sendable {
  /// What the file holds.
  public let catalog: Catalog

  /// The user's file.
  let file: OpenFile
  /// The file that offsets count in: the user's, or what was inflated from it.
  let content: OpenFile
  /// Where in it the HDF5 file lies.
  let window: FileWindow
  /// How workers are started.
  let worker: CatalogWorker

  /// Opens a file: finds out its format and reads its catalogue, through the isolated worker where
  /// the format is HDF5. No tensor data is read.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limits: what the worker may use.
  /// - Throws: `Diagnostic`: `noInput` where there is no such file, `badData` where it is damaged,
  ///   hostile or of no known format.
  public static func open(
    _ path: String, limits: WorkerLimits = WorkerLimits()
  ) async throws -> WeightFile {
    try await open(path, worker: CatalogWorker(limits: limits))
  }

  static func open(_ path: String, worker: CatalogWorker) async throws -> WeightFile {
    do {
      let file = try OpenFile(reading: path)
      let container = try Container.open(file)
      let records = try await worker.catalog(of: container.content, window: container.window)
      var catalog = CatalogBuilder.build(
        records, path: path, fileByteCount: file.byteCount, window: container.window,
        format: container.format)
      catalog.documents = container.documents
      catalog.isAddressable = container.content === file
      catalog.producer = Producer.name(of: catalog)
      return WeightFile(
        catalog: catalog, file: file, content: container.content, window: container.window,
        worker: worker)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  /// Opens a file whose catalogue is known from before, without a worker.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is no such file, `badData` where it does not have
  ///   the size that the catalogue has, or the catalogue is not addressable.
  public static func reopen(_ catalog: Catalog) throws -> WeightFile {
    do {
      let file = try OpenFile(reading: catalog.file)
      guard catalog.isAddressable, file.byteCount == catalog.byteCount else {
        throw Diagnostic(
          .badData, "the file is not the one that was catalogued", remedy: "catalogue it again")
      }
      let container = try Container.open(file)
      return WeightFile(
        catalog: catalog, file: file, content: container.content, window: container.window,
        worker: try CatalogWorker())
    } catch let error as Diagnostic {
      throw error.inside(catalog.file)
    }
  }
}
