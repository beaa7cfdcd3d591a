import Catalogs
import CHDF5
import Support

/// Writes attributes as h5py does: texts as UTF-8 of variable length, numbers as Float64, or Int64
/// where all are whole.
enum HDF5AttributeWriter {
  /// Writes one attribute; a single text, or a list.
  static func write(
    _ value: Catalog.Attribute, named name: String, to object: borrowing HDF5Handle
  ) throws {
    switch value {
    case .string(let text): try write([text], isList: false, named: name, to: object)
    case .strings(let texts): try write(texts, isList: true, named: name, to: object)
    case .numbers(let numbers): try write(numbers, named: name, to: object)
    }
  }

  private static func write(
    _ texts: [String], isList: Bool, named name: String, to object: borrowing HDF5Handle
  ) throws {
    let type = try HDF5Handle(H5Tcopy(chdf5_c_string()))
    try HDF5Handle.check(H5Tset_size(type.raw, chdf5_variable_length()))
    try HDF5Handle.check(H5Tset_cset(type.raw, H5T_CSET_UTF8))
    let space = try self.space(isList ? texts.count : nil)
    let attribute = try HDF5Handle(H5Acreate2(object.raw, name, type.raw, space.raw, 0, 0))
    if texts.isEmpty { return }
    // One block of texts, each ended by a zero, and pointers into it.
    let bytes = texts.flatMap { Array($0.utf8.prefix { $0 != 0 }) + [0] }
    try bytes.withUnsafeBufferPointer { block in
      var pointers: [UnsafePointer<UInt8>?] = []
      var start = 0
      for text in texts {
        pointers.append(block.baseAddress.map { $0 + start })
        start += text.utf8.prefix { $0 != 0 }.count + 1
      }
      try HDF5Handle.check(H5Awrite(attribute.raw, type.raw, pointers))
    }
  }

  private static func write(
    _ numbers: [Double], named name: String, to object: borrowing HDF5Handle
  ) throws {
    // A lone number is a scalar: readers of `number` and of `[number]` both take it so.
    let space = try self.space(numbers.count == 1 ? nil : numbers.count)
    let whole = numbers.compactMap { Int64(exactly: $0) }
    let isWhole = whole.count == numbers.count && !numbers.isEmpty
    let type = isWhole ? chdf5_int64() : chdf5_float64()
    let attribute = try HDF5Handle(H5Acreate2(object.raw, name, type, space.raw, 0, 0))
    if numbers.isEmpty { return }
    if isWhole {
      try HDF5Handle.check(H5Awrite(attribute.raw, type, whole))
    } else {
      try HDF5Handle.check(H5Awrite(attribute.raw, type, numbers))
    }
  }

  private static func space(_ count: Int?) throws -> HDF5Handle {
    guard let count else { return try HDF5Handle(H5Screate(H5S_SCALAR)) }
    var length = hsize_t(count)
    return try HDF5Handle(H5Screate_simple(1, &length, nil))
  }
}
