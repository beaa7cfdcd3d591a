package import Tensors

/// The names of classes and functions whose results are understood: PyTorch's own list for
/// `weights_only` loading. What other names make is an object that stays unknown.
package enum PickleSymbols {
  private static let plain: Set<String> = [
    "collections.OrderedDict", "collections.Counter", "collections.defaultdict",
    "torch.nn.parameter.Parameter",
    "torch.nn.parameter.Buffer", "torch.Size", "torch.Tensor", "torch.device",
    "torch.serialization._get_layout", "_codecs.encode", "builtins.bytearray", "builtins.set",
    "builtins.complex", "builtins.dict", "torch._tensor._rebuild_from_type_v2",
    "torch.per_tensor_affine", "torch.per_tensor_symmetric", "torch.per_channel_affine",
    "torch.per_channel_symmetric", "torch.per_channel_affine_float_qparams",
    "torch.storage.TypedStorage", "torch.storage.UntypedStorage", "torch.storage._TypedStorage",
    "torch.storage._UntypedStorage", "torch.strided", "torch.jit._pickle.build_intlist",
    "torch.jit._pickle.build_tensorlist", "torch.jit._pickle.build_doublelist",
    "torch.jit._pickle.build_boollist", "torch.jit._pickle.build_tensor_from_id",
    "torch.jit._pickle.restore_type_tag", "copyreg._reconstructor", "copyreg.__newobj__",
    "builtins.object", "builtins.list", "builtins.tuple", "builtins.frozenset",
    "collections.deque", "builtins.getattr",
  ]
  private static let rebuilders: Set<String> = [
    "_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_qtensor", "_rebuild_tensor",
    "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_sparse_tensor",
    "_rebuild_sparse_csr_tensor", "_rebuild_meta_tensor_no_storage", "_rebuild_wrapper_subclass",
    "_rebuild_device_tensor_from_numpy", "_rebuild_device_tensor_from_cpu_tensor",
  ]
  private static let types: Set<String> = [
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint64",
    "uint32", "uint16", "uint8", "bool", "complex32", "complex64", "complex128", "qint8", "quint8",
    "qint32", "quint4x2", "quint2x4", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
    "float8_e5m2fnuz", "float8_e8m0fnu",
  ]

  /// What Python 2 called them.
  private static let renamed = [
    "__builtin__.set": "builtins.set", "__builtin__.complex": "builtins.complex",
    "__builtin__.bytearray": "builtins.bytearray", "__builtin__.dict": "builtins.dict",
    "UserDict.OrderedDict": "collections.OrderedDict",
    "__builtin__.object": "builtins.object", "__builtin__.list": "builtins.list",
    "__builtin__.tuple": "builtins.tuple", "__builtin__.frozenset": "builtins.frozenset",
    "copy_reg._reconstructor": "copyreg._reconstructor",
    "__builtin__.getattr": "builtins.getattr",
  ]

  /// The symbol's full name; nil where it is not one of the list.
  ///
  /// - Parameter isScript: whether classes that a TorchScript archive defines are taken, too.
  package static func name(module: String, member: String, isScript: Bool) -> String? {
    let full = module + "." + member
    let name = renamed[full] ?? full
    if plain.contains(name) { return name }
    if module == "torch._utils", rebuilders.contains(member) { return name }
    if module == "torch", types.contains(member) { return name }
    if ["torch", "torch.cuda", "torch.storage"].contains(module), member.hasSuffix("Storage"),
      storageType(member) != nil || unreadStorages.contains(member)
    {
      return name
    }
    if ["torch", "torch.cuda"].contains(module), member.hasSuffix("Tensor"),
      storageType(member.dropLast(6) + "Storage") != nil
    {
      return name
    }
    if isScript, module == "__torch__" || module.hasPrefix("__torch__.") { return name }
    return nil
  }

  private static let unreadStorages: Set<String> = [
    "ComplexFloatStorage", "ComplexDoubleStorage", "QInt8Storage", "QUInt8Storage",
    "QInt32Storage", "QUInt4x2Storage", "QUInt2x4Storage", "UntypedStorage",
  ]

  /// The element type of a storage class.
  package static func storageType(_ member: String) -> ElementType? {
    switch member {
    case "DoubleStorage": .float64
    case "FloatStorage": .float32
    case "HalfStorage": .float16
    case "BFloat16Storage": .bfloat16
    case "LongStorage": .int64
    case "IntStorage": .int32
    case "ShortStorage": .int16
    case "CharStorage": .int8
    case "ByteStorage": .uint8
    case "BoolStorage": .bool
    default: nil
    }
  }

  /// The element type of a `torch.dtype`.
  package static func elementType(_ name: String) -> ElementType? {
    switch name {
    case "float64": .float64
    case "float32": .float32
    case "float16": .float16
    case "bfloat16": .bfloat16
    case "int64": .int64
    case "int32": .int32
    case "int16": .int16
    case "int8": .int8
    case "uint64": .uint64
    case "uint32": .uint32
    case "uint16": .uint16
    case "uint8": .uint8
    case "bool": .bool
    case "float8_e4m3fn": .float8E4M3
    case "float8_e5m2": .float8E5M2
    case "float8_e4m3fnuz": .float8E4M3FNUZ
    case "float8_e5m2fnuz": .float8E5M2FNUZ
    default: nil
    }
  }
}

extension PickleSymbols {
  /// Whether a name is one of the list, so that what it makes is known not to be a module.
  package static func isKnown(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return self.name(
      module: String(name[..<dot]), member: String(name[name.index(after: dot)...]),
      isScript: false) != nil
  }

  /// The size of an element of a type that is not read; nil where elements do not fill bytes.
  package static func unreadByteCount(_ kind: String) -> Int? {
    switch kind {
    case "qint8", "quint8", "QInt8Storage", "QUInt8Storage": 1
    case let name where name.hasPrefix("float8_"): 1
    case "complex32", "qint32", "QInt32Storage": 4
    case "complex64", "ComplexFloatStorage": 8
    case "complex128", "ComplexDoubleStorage": 16
    default: nil
    }
  }

  /// The size of an element of a storage class, also of those that are not read.
  package static func storageByteCount(_ member: String) -> Int {
    switch member {
    case "ComplexFloatStorage": 8
    case "ComplexDoubleStorage": 16
    case "QInt32Storage": 4
    default: storageType(member)?.byteCount ?? 1
    }
  }
}
