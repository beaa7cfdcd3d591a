/// The models' own columns, under the names that queries use.
enum ModelColumn {
  /// Names, and the expressions behind them over `models AS m`.
  static let expressions: [(name: String, expression: String)] = [
    ("id", "m.id"), ("name", "m.name"), ("file", "m.file"), ("format", "m.format"),
    ("layout", "u.layout"), ("producer", "m.producer"), ("parameters", "m.parameters"),
    ("tensors", "m.tensors"), ("bytes", "m.bytes"), ("size", "m.size"), ("dtype", "m.dtype"),
    ("fingerprint", "m.fingerprint"), ("architecture", "m.architecture"),
    ("structure", "m.structure"),
    ("content", "CASE WHEN m.content IS NOT NULL THEN lower(hex(m.content)) END"),
    ("parent", "m.parent"),
    ("parent_file", "p.file"), ("parent_sha256", "m.parent_sha256"), ("sha256", "m.sha256"),
    ("skipped", "m.skipped"), ("member", "m.member"),
    ("modified", "datetime(u.modified / 1000000000, 'unixepoch')"),
  ]

  /// Names that no label takes: those above, and those of tensors and results.
  static let reserved: Set<String> =
    Set(expressions.map(\.name)).union([
      "model", "tensor", "shape", "elements", "stored", "offset", "hash", "part", "item", "rowid",
      "oid", "_rowid_", "position", "axes",
    ])

  /// The columns of models and tensors that hold integers; the others hold texts.
  static let integers: Set<String> = [
    "id", "parameters", "tensors", "bytes", "size", "skipped", "elements", "tensor_bytes", "stored",
    "offset", "position",
  ]

  /// What `zoo list` shows where nothing else is asked for.
  static let shown = ["name", "format", "parameters", "dtype", "fingerprint"]
}
