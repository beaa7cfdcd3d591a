import Archives
public import Catalogs
public import Formats
import Support

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
  /// What stands before the tensors' names in the container, where a part of it was selected.
  var storedPrefix = ""

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
      if let archive = try await OpenArchives.shared.archiveIfAny(
        place.archive, limits: worker.limits)
      {
        return .model(try await archive.open(place.member, limits: worker.limits))
      }
      do {
        return try await open(
          try OpenFile(reading: place.archive), path, selection: place.member, { worker })
      } catch let error as Diagnostic {
        throw error.inside(path)
      }
    }
    do {
      if let (folder, selection) = ModelFolder.path(path) {
        return .model(
          try await open(ModelFolder(folder), path, selection: selection, worker))
      }
      return try await open(try OpenFile(reading: path), path, worker)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  static func open(
    _ file: OpenFile, _ path: String, selection: String? = nil, _ worker: () throws -> CatalogWorker
  ) async throws -> OpenedFile {
    switch try Container.open(file, selection: selection) {
    case .archive(let content): return .archive(ModelArchive(content, path: path))
    case .parsed(var parsed):
      parsed.catalog.file = path
      try parsed.catalog.takeAdapterDocument(beside: file.path)
      try parsed.catalog.takeConfiguration(beside: file.path)
      return .model(WeightFile(parsed, file: file))
    case .kerasShards(let shards):
      return .model(try await KerasShards.open(shards, file, path, selection, try worker()))
    case .hdf5(let place):
      return .model(try await open(place, file, path, selection: selection, try worker()))
    }
  }

  /// Opens an HDF5 file, through the worker.
  static func open(
    _ place: Container.HDF5Place, _ file: OpenFile, _ path: String, selection: String?,
    _ worker: CatalogWorker
  ) async throws -> WeightFile {
    let records = try await worker.catalog(of: place.content, window: place.window)
    var catalog = CatalogBuilder.build(
      records, path: path, fileByteCount: file.byteCount, window: place.window,
      format: place.format)
    catalog.documents = place.documents
    try catalog.takeAdapterDocument(beside: file.path)
    catalog.isAddressable = place.content === file
    catalog.producer = Producer.name(of: catalog)
    catalog.setAttachmentAside()
    let prefix = try selection.map { try catalog.select($0) } ?? ""
    var opened = WeightFile(
      catalog: catalog, file: file, parts: [place.content], source: .hdf5(place.window, worker))
    opened.storedPrefix = prefix
    return opened
  }

  private static func open(
    _ folder: ModelFolder, _ path: String, selection: String?, _ worker: () throws -> CatalogWorker
  ) async throws -> WeightFile {
    let opened: WeightFile
    switch folder.content {
    case .file(let file):
      guard
        case .model(let model) = try await open(
          try OpenFile(reading: file), file, selection: selection, worker)
      else { throw Diagnostic(.badData, "this is an archive of models", at: [file]) }
      opened = model
    case .shards(let folder, let shards):
      var parsed = try ShardIndex.join(nil, folder: folder, shards: shards, wanted: nil)
      if let selection { _ = try parsed.catalog.select(selection) }
      opened = WeightFile(parsed, file: parsed.parts[0])
    }
    var catalog = opened.catalog
    catalog.file = path
    if selection == nil { catalog.documents.merge(folder.documents) { own, _ in own } }
    var result = WeightFile(
      catalog: catalog, file: opened.file, parts: opened.parts, source: opened.source)
    result.storedPrefix = opened.storedPrefix
    return result
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
    catalog.isAddressable = catalog.isAddressable && parsed.parts.first === file
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
