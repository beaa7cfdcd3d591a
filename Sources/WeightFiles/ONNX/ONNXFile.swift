import WorkbenchCore

/// An ONNX model: its initializers, with those that are kept in files of their own.
///
/// Tensor data are skipped over, but for constants of a few elements, and nothing of the graph is run.
///
/// Specification: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
enum ONNXFile {
  /// Whether the first bytes look like a model: `ir_version`, a small number, then a field that
  /// follows it there.
  static func isLikely(_ start: [UInt8]) -> Bool {
    guard start.count > 4, start[0] == 0x08, (1...64).contains(start[1]) else { return false }
    // producer_name, producer_version, domain, model_version, doc_string, graph, opset_import.
    return [0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42].contains(start[2])
  }

  /// Reads the structure of a model.
  ///
  /// - Throws: `Diagnostic` of code `badData`, inside of the tensor where there is one.
  static func parse(_ file: OpenFile) throws -> ParsedFile {
    var reader = ONNXReader(file)
    var cursor = FileCursor(file)
    var graphs = 0
    var version: UInt64 = 0
    while let field = try cursor.nextField() {
      switch field.number {
      case 1: version = field.varint ?? 0
      case 2: reader.producer[0] = try field.text()
      case 3: reader.producer[1] = try field.text()
      case 7:
        graphs += 1
        try reader.read(graph: try field.message())
      case 8: try reader.read(operations: try field.message())
      case 14: try reader.read(metadata: try field.message())
      case 20: reader.skip("training_info", "what a training needs is not read")
      case 25: reader.skip("functions", "tensors within functions are not read")
      default: break
      }
    }
    guard graphs == 1, version > 0 else {
      throw damaged("this is no ONNX model: it has \(graphs) graphs, and the version \(version)")
    }
    return try reader.finish()
  }

  static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(.badData, what, remedy: "the file is damaged: copy or download it again")
  }
}

/// Collects what a model has.
struct ONNXReader {
  /// The name and the version of what wrote it.
  var producer = ["", ""]

  private let file: OpenFile
  private var external: ExternalData
  private var tensors: [TensorEntry] = []
  private var skipped: [Catalog.Skipped] = []
  private var attributes: [String: Catalog.Attribute] = [:]
  private var names: Set<String> = []
  private var graph = ONNXGraph()
  private var inputs: [ONNXGraph.Value] = []

  init(_ file: OpenFile) {
    self.file = file
    external = ExternalData(of: file)
  }

  mutating func skip(_ name: String, _ reason: String) {
    skipped.append(Catalog.Skipped(name: name, reason: reason))
  }

  mutating func read(metadata cursor: FileCursor) throws {
    let (key, value) = try ONNXTensor.pair(cursor)
    attributes[key] = .string(value)
  }

  /// An `OperatorSetIdProto`.
  mutating func read(operations: FileCursor) throws {
    var cursor = operations
    var domain = ""
    var version = graph.version
    while let field = try cursor.nextField() {
      switch (field.number, field.value) {
      case (1, _): domain = try field.text()
      case (2, .varint(let number)): version = Int(clamping: number)
      default: break
      }
    }
    if domain.isEmpty || domain == "ai.onnx" { graph.version = version }
  }

  mutating func read(graph: FileCursor) throws {
    var cursor = graph
    while let field = try cursor.nextField() {
      switch field.number {
      case 1:
        let node = try field.message()
        try read(node: node)
        try self.graph.add(node: node, in: file)
      case 5: try read(initializer: try field.message())
      case 11: inputs.append(try ONNXGraph.value(try field.message()))
      case 12: self.graph.outputs.append(try ONNXGraph.value(try field.message()))
      case 13:
        let value = try ONNXGraph.value(try field.message())
        self.graph.shapes[value.name] = value.shape
      case 15:
        skipped.append(
          Catalog.Skipped(
            name: "sparse_initializer", reason: "sparse tensors are not read",
            tensor: UnreadTensor(dtype: "sparse")))
      default: break
      }
    }
  }

  private mutating func read(initializer: FileCursor) throws {
    let tensor = try ONNXTensor(initializer)
    do {
      guard names.insert(tensor.name).inserted else {
        throw ONNXFile.damaged("the graph has it twice")
      }
      guard let type = tensor.elementType else {
        skipped.append(
          Catalog.Skipped(
            name: tensor.name, reason: "elements of the type \(tensor.typeName) are not read",
            tensor: tensor.unread(in: &external)))
        return
      }
      tensors.append(try tensor.entry(type, in: &external))
      graph.constants[tensor.name] = try tensor.elements(in: file)
    } catch let error as Diagnostic {
      throw error.inside(tensor.name)
    }
  }

  /// Tensors that are constants of nodes are the graph's business, not weights: they are named.
  private mutating func read(node: FileCursor) throws {
    var cursor = node
    var name = ""
    var kinds: [String] = []
    while let field = try cursor.nextField() {
      if field.number == 2, name.isEmpty { name = try field.text() }
      guard field.number == 5 else { continue }
      var attribute = try field.message()
      while let part = try attribute.nextField() {
        switch part.number {
        case 5, 10: kinds.append("a constant of a node, which is not offered as a weight")
        case 6, 11: kinds.append("tensors within a nested graph are not read")
        case 22, 23: kinds.append("sparse tensors are not read")
        default: break
        }
      }
    }
    if let kind = kinds.first { skip(name, kind) }
  }

  func finish() throws -> ParsedFile {
    var catalog = Catalog(
      file: file.path, format: .onnx, byteCount: file.byteCount, tensors: tensors,
      attributes: attributes.isEmpty ? [:] : ["": attributes], skipped: skipped)
    let name = producer.filter { !$0.isEmpty }.joined(separator: " ")
    catalog.producer = name.isEmpty ? nil : name
    var graph = graph
    // Older models list their initializers among the inputs.
    graph.inputs = inputs.filter { !names.contains($0.name) }
    if !graph.nodes.isEmpty { catalog.onnxGraph = graph }
    return try ParsedFile(catalog, parts: [file] + external.files)
  }
}
