import CatalogWire
import CHDF5
import Glibc

/// Writes changed blocks into a copy of a file.
enum Patch {
  /// Applies all changes that come on a descriptor to the file on another.
  static func apply(from source: Int32, to target: Int32) throws {
    var status = stat()
    guard fstat(target, &status) == 0 else { throw WorkerError(message: "no file to change") }
    let file = try Identifier(chdf5_open_window(target, 0, UInt64(status.st_size), true))
    while let size = try takeSize(from: source) {
      let header = try take(size, from: source)
      let record = try PatchRecord(decoding: header[...])
      guard let count = Int(exactly: record.byteCount) else {
        throw WorkerError(message: "a change too large")
      }
      let bytes = try take(count, from: source)
      switch record.place {
      case .attachment:
        try remove(record.dataset, from: file)
        try attach(bytes, as: record.dataset, to: file)
        continue
      case .removal:
        try remove(record.dataset, from: file)
        continue
      case .whole, .chunk: break
      }
      let dataset = try Identifier(H5Dopen2(file.raw, record.dataset, 0))
      switch record.place {
      case .attachment, .removal: break
      case .whole:
        let type = try Identifier(H5Dget_type(dataset.raw))
        let space = try Identifier(H5Dget_space(dataset.raw))
        let elements = Int(H5Sget_simple_extent_npoints(space.raw))
        guard elements >= 0, elements * H5Tget_size(type.raw) == count else {
          throw WorkerError(message: "a change of the wrong size")
        }
        try check(H5Dwrite(dataset.raw, type.raw, 0, 0, 0, bytes))
      case .chunk(let origin, let filterMask):
        guard origin.count == rank(of: dataset) else {
          throw WorkerError(message: "a change of the wrong rank")
        }
        try check(H5Dwrite_chunk(dataset.raw, 0, filterMask, origin, bytes.count, bytes))
      }
    }
    try check(H5Fflush(file.raw, H5F_SCOPE_GLOBAL))
    try file.close()
  }

  /// Takes an object out, if it is there.
  private static func remove(_ name: String, from file: borrowing Identifier) throws {
    var path = ""
    for part in name.split(separator: "/") {
      path += path.isEmpty ? String(part) : "/" + part
      if H5Lexists(file.raw, path, 0) <= 0 {
        H5Eclear2(0)
        return
      }
    }
    try check(H5Ldelete(file.raw, name, 0))
  }

  /// Adds a data set of bytes.
  private static func attach(
    _ bytes: [UInt8], as name: String, to file: borrowing Identifier
  ) throws {
    let links = try Identifier(H5Pcreate(chdf5_link_create_class()))
    try check(H5Pset_create_intermediate_group(links.raw, 1))
    let properties = try Identifier(H5Pcreate(chdf5_dataset_create_class()))
    try check(H5Pset_obj_track_times(properties.raw, false))
    var length = hsize_t(bytes.count)
    let space = try Identifier(H5Screate_simple(1, &length, nil))
    let dataset = try Identifier(
      H5Dcreate2(file.raw, name, chdf5_uint8(), space.raw, links.raw, properties.raw, 0))
    if !bytes.isEmpty {
      try check(H5Dwrite(dataset.raw, chdf5_uint8(), 0, 0, 0, bytes))
    }
  }

  private static func rank(of dataset: borrowing Identifier) -> Int {
    let space = H5Dget_space(dataset.raw)
    defer { H5Idec_ref(space) }
    return Int(H5Sget_simple_extent_ndims(space))
  }

  /// The length of the next header, or nil at the end of the stream.
  private static func takeSize(from descriptor: Int32) throws -> Int? {
    var bytes = [UInt8](repeating: 0, count: 4)
    let count = fill(&bytes, from: descriptor)
    if count == 0 { return nil }
    guard count == 4 else { throw WorkerError(message: "the changes stop in the middle") }
    return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private static func take(_ count: Int, from descriptor: Int32) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard fill(&bytes, from: descriptor) == count else {
      throw WorkerError(message: "the changes stop in the middle")
    }
    return bytes
  }

  /// Reads until the buffer is full or the stream ends; returns how much was read.
  private static func fill(_ bytes: inout [UInt8], from descriptor: Int32) -> Int {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      done += count
    }
    return done
  }
}
