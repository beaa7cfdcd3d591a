import Archives
import Catalogs
import Formats
import Support

/// The index of weights that Keras split: `NAME.weights.json` with `weight_map` from groups to the
/// HDF5 files that hold their tensors; a group may go on in the next file.
///
/// Specification: `ShardedH5IOStore` in `keras/src/saving/saving_lib.py`.
struct KerasShards: Sendable {
  /// How the names of such indexes end.
  static let ending = ".weights.json"
  private static let limit = 256 << 20

  /// The files, in the order of their names.
  private let files: [String]
  private let folder: String

  /// Reads an index; nil where it is one of another kind.
  ///
  /// - Throws: `Diagnostic` of code `badData`, inside of the group that is wrong.
  init?(_ file: OpenFile) throws {
    guard file.byteCount <= KerasShards.limit else { return nil }
    let json = try StrictJSON(parsing: try file.bytes(at: 0, count: file.byteCount))
    guard let map = json["weight_map"]?.members, map.contains(where: { $0.value.array != nil })
    else { return nil }
    var found: Set<String> = []
    for group in map {
      let names = group.value.array?.map(\.string) ?? [group.value.string]
      for name in names {
        guard let name else {
          throw Diagnostic(.badData, "its files are not named", at: [group.name])
        }
        found.insert(try ShardIndex.checked(name, of: group.name))
      }
    }
    guard !found.isEmpty else { throw Diagnostic(.badData, "its index names no file") }
    files = found.sorted()
    folder = file.siblingPrefix
  }

  /// Opens all files as one model.
  ///
  /// - Throws: `Diagnostic`: `noInput` where one is missing, `badData` where one is damaged, or two
  ///   have a tensor of one name.
  static func open(
    _ shards: KerasShards, _ index: OpenFile, _ path: String, _ selection: String?,
    _ worker: CatalogWorker
  ) async throws -> WeightFile {
    var parts = [index]
    var joined: Catalog?
    var names: Set<String> = []
    for name in shards.files {
      let place = shards.folder + name
      do {
        let file = try index.member == nil ? OpenFile(reading: place) : OpenFile.opened(place)
        guard case .hdf5(let hdf5) = try Container.open(file) else {
          throw Diagnostic(.badData, "this is no HDF5 file, and Keras's shards are")
        }
        let opened = try await WeightFile.open(hdf5, file, place, selection: nil, worker)
        var catalog = joined ?? opened.catalog
        if joined == nil {
          catalog.tensors = []
          if case .tensor(var entry)? = catalog.attachment {
            entry.part = parts.count
            catalog.attachment = .tensor(entry)
          }
        } else {
          catalog.skipped += opened.catalog.skipped
          catalog.groups += opened.catalog.groups.filter { !catalog.groups.contains($0) }
          catalog.attributes.merge(opened.catalog.attributes) { first, second in
            first.merging(second) { own, _ in own }
          }
        }
        for var entry in opened.catalog.tensors {
          guard names.insert(entry.name).inserted else {
            throw Diagnostic(.badData, "another part of the model has it, too", at: [entry.name])
          }
          entry.part = parts.count
          catalog.tensors.append(entry)
        }
        parts.append(contentsOf: opened.parts)
        joined = catalog
      } catch let error as Diagnostic {
        throw error.inside(name)
      }
    }
    guard var catalog = joined else { throw Diagnostic(.badData, "its index names no file") }
    catalog.file = path
    catalog.parts = parts.map(\.path)
    catalog.byteCount = parts.reduce(0) { $0 + $1.byteCount }
    // What is asked of libhdf5 itself concerns one file.
    catalog.isAddressable = false
    let prefix = try selection.map { try catalog.select($0) } ?? ""
    var result = WeightFile(catalog: catalog, file: index, parts: parts, source: .plain)
    result.storedPrefix = prefix
    return result
  }
}
