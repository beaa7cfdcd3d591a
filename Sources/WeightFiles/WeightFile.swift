import WorkbenchCore

/// A weight file, opened: its catalogue, and reads of its tensors.
///
/// The files stay open as long as a copy of this value lives, so that all reads see the files that
/// were catalogued, whatever is renamed over their paths.
public struct WeightFile: Sendable {
  /// What the file holds.
  public let catalog: Catalog

  /// The user's file.
  let file: OpenFile
  /// The files that offsets count in, as `TensorEntry.part` counts them: the user's, or what was
  /// inflated from it, and further ones.
  let parts: [OpenFile]
  /// What can be asked beyond reading bytes.
  let source: Source

  /// The part of a weight file that depends on its container.
  enum Source: Sendable {
    /// Where in the first part the HDF5 file lies, and how workers are started.
    case hdf5(FileWindow, CatalogWorker)
    /// Offsets are all that is needed.
    case plain
  }

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
    try await open(path) { try CatalogWorker(limits: limits) }
  }

  static func open(_ path: String, worker: CatalogWorker) async throws -> WeightFile {
    try await open(path) { worker }
  }

  private static func open(
    _ path: String, worker: () throws -> CatalogWorker
  ) async throws -> WeightFile {
    switch try await openAny(path, worker) {
    case .model(let file): return file
    case .archive(let archive): throw archive.needsMember.inside(path)
    }
  }

  static func openAny(
    _ path: String, _ worker: () throws -> CatalogWorker
  ) async throws -> OpenedFile {
    if let place = MemberPath(path) {
      let worker = try worker()
      return .model(
        try await place.openArchive(limits: worker.limits)
          .open(place.member, limits: worker.limits))
    }
    do {
      if ModelFolder.isFolder(path) {
        return .model(try await open(ModelFolder(path), path, worker))
      }
      return try await open(try OpenFile(reading: path), path, worker)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  static func open(
    _ file: OpenFile, _ path: String, _ worker: () throws -> CatalogWorker
  ) async throws -> OpenedFile {
    switch try Container.open(file) {
    case .archive(let content): return .archive(ModelArchive(content, path: path))
    case .parsed(var parsed):
      parsed.catalog.file = path
      try parsed.catalog.takeAdapterDocument(beside: file.path)
      return .model(WeightFile(parsed, file: file))
    case .hdf5(let place):
      let worker = try worker()
      let records = try await worker.catalog(of: place.content, window: place.window)
      var catalog = CatalogBuilder.build(
        records, path: path, fileByteCount: file.byteCount, window: place.window,
        format: place.format)
      catalog.documents = place.documents
      try catalog.takeAdapterDocument(beside: file.path)
      catalog.isAddressable = place.content === file
      catalog.producer = Producer.name(of: catalog)
      catalog.setAttachmentAside()
      return .model(
        WeightFile(
          catalog: catalog, file: file, parts: [place.content],
          source: .hdf5(place.window, worker)))
    }
  }

  private static func open(
    _ folder: ModelFolder, _ path: String, _ worker: () throws -> CatalogWorker
  ) async throws -> WeightFile {
    let opened: WeightFile
    switch folder.content {
    case .file(let file): opened = try await open(file, worker: worker)
    case .shards(let folder, let shards):
      let parsed = try ShardIndex.join(nil, folder: folder, shards: shards, wanted: nil)
      opened = WeightFile(parsed, file: parsed.parts[0])
    }
    var catalog = opened.catalog
    catalog.file = path
    catalog.documents.merge(folder.documents) { own, _ in own }
    return WeightFile(
      catalog: catalog, file: opened.file, parts: opened.parts, source: opened.source)
  }

  init(catalog: Catalog, file: OpenFile, parts: [OpenFile], source: Source) {
    self.catalog = catalog
    self.file = file
    self.parts = parts
    self.source = source
  }

  /// What a parser in this process made of a file.
  init(_ parsed: ParsedFile, file: OpenFile) {
    var catalog = parsed.catalog
    catalog.isAddressable = parsed.parts.first === file
    if !catalog.isAddressable {
      // The catalogue tells of the file that the user has.
      let inflated = parsed.parts.first
      catalog.byteCount += file.byteCount - (inflated?.byteCount ?? 0)
      catalog.parts = [file.path] + catalog.parts.dropFirst()
    }
    catalog.producer = catalog.producer ?? Producer.name(of: catalog)
    catalog.setAttachmentAside()
    self.init(catalog: catalog, file: file, parts: parsed.parts, source: .plain)
  }

  /// Opens a file whose catalogue is known from before, without a worker and without parsing.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is no such file, `badData` where it does not have
  ///   the size that the catalogue has, or the catalogue is not addressable.
  public static func reopen(_ catalog: Catalog) throws -> WeightFile {
    var catalog = catalog
    do {
      let parts = try catalog.parts.map { try OpenFile(reading: $0) }
      guard catalog.isAddressable, let file = parts.first,
        parts.reduce(0, { $0 + $1.byteCount }) == catalog.byteCount
      else {
        throw Diagnostic(
          .badData, "the file is not the one that was catalogued", remedy: "catalogue it again")
      }
      try catalog.takeAdapterDocument(beside: file.path)
      guard catalog.format == .hdf5 || catalog.format == .keras else {
        for entry in catalog.tensors where !parts.indices.contains(entry.part) {
          throw Diagnostic(.badData, "it lies in a file that is not there", at: [entry.name])
        }
        return WeightFile(catalog: catalog, file: file, parts: parts, source: .plain)
      }
      guard case .hdf5(let place) = try Container.open(file) else {
        throw Diagnostic(
          .badData, "the file is not the one that was catalogued", remedy: "catalogue it again")
      }
      return WeightFile(
        catalog: catalog, file: file, parts: [place.content],
        source: .hdf5(place.window, try CatalogWorker()))
    } catch let error as Diagnostic {
      throw error.inside(catalog.file)
    }
  }
}
