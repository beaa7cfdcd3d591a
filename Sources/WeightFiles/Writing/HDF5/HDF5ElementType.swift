import CHDF5
import Support
import Tensors

extension ElementType {
  /// The type in a file, as h5py would write it, and with it its owner.
  func fileType() throws -> HDF5Handle {
    switch self {
    case .float64: try HDF5Handle(H5Tcopy(chdf5_float64()))
    case .float32: try HDF5Handle(H5Tcopy(chdf5_float32()))
    case .float16: try ElementType.shortFloat(exponent: 5, mantissa: 10, bias: 15)
    case .bfloat16: try ElementType.shortFloat(exponent: 8, mantissa: 7, bias: 127)
    case .int64: try HDF5Handle(H5Tcopy(chdf5_int64()))
    case .int32: try HDF5Handle(H5Tcopy(chdf5_int32()))
    case .int16: try HDF5Handle(H5Tcopy(chdf5_int16()))
    case .int8: try HDF5Handle(H5Tcopy(chdf5_int8()))
    case .uint64: try HDF5Handle(H5Tcopy(chdf5_uint64()))
    case .uint32: try HDF5Handle(H5Tcopy(chdf5_uint32()))
    case .uint16: try HDF5Handle(H5Tcopy(chdf5_uint16()))
    case .uint8: try HDF5Handle(H5Tcopy(chdf5_uint8()))
    case .bool: try ElementType.truth()
    case .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ:
      throw Diagnostic(.failed, "HDF5 has no type for \(rawValue)")
    }
  }

  private static func shortFloat(
    exponent: Int, mantissa: Int, bias: Int
  ) throws -> HDF5Handle {
    let type = try HDF5Handle(H5Tcopy(chdf5_float32()))
    // Fields first: a type cannot be smaller than its fields reach.
    try HDF5Handle.check(H5Tset_fields(type.raw, 15, mantissa, exponent, 0, mantissa))
    try HDF5Handle.check(H5Tset_precision(type.raw, 16))
    try HDF5Handle.check(H5Tset_size(type.raw, 2))
    try HDF5Handle.check(H5Tset_ebias(type.raw, bias))
    return type
  }

  private static func truth() throws -> HDF5Handle {
    let type = try HDF5Handle(H5Tenum_create(chdf5_int8()))
    for (name, value) in [("FALSE", Int8(0)), ("TRUE", Int8(1))] {
      var value = value
      try HDF5Handle.check(H5Tenum_insert(type.raw, name, &value))
    }
    return type
  }
}
