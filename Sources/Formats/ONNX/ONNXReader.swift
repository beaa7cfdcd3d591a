import Archives
import Catalogs
import Support
import Tensors

/// Collects what a model has.
struct ONNXReader {
  /// The name and the version of what wrote it.
  var producer = ["", ""]

  let file: OpenFile
  var external: ExternalData
  private(set) var tensors: [TensorEntry] = []
  private var skipped: [Catalog.Skipped] = []
  private var attributes: [String: Catalog.Attribute] = [:]
  private var names: Set<String> = []
  /// The nodes, those of branches among them.
  var graph = ONNXGraph()
  private var inputs: [ONNXGraph.Value] = []
  /// The nodes of graphs within nodes, which read values of the graph around them.
  var innerNodes: [ONNXGraph.Node] = []
  /// The constants of nodes, of which those are tensors that a weight's place reads.
  var constants: [ONNXConstant] = []

  init(_ file: OpenFile) {
    self.file = file
    external = ExternalData(of: file)
  }

  mutating func skip(_ name: String, _ reason: String, tensor: UnreadTensor? = nil) {
    skipped.append(Catalog.Skipped(name: name, reason: reason, tensor: tensor))
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
        try add(node: try field.message(), in: Scope(), depth: 0)
      case 5: _ = try read(initializer: try field.message(), within: "", isNode: true)
      case 11: inputs.append(try ONNXGraph.value(try field.message()))
      case 12: self.graph.outputs.append(try ONNXGraph.value(try field.message()))
      case 13:
        let value = try ONNXGraph.value(try field.message())
        self.graph.shapes[value.name] = value.shape
      case 15: _ = try skip(sparse: try field.message(), within: "")
      default: break
      }
    }
  }

  /// Reads a tensor of a graph.
  ///
  /// - Parameter isNode: whether the nodes that read it are among the graph's.
  /// - Returns: the name that nodes have for it.
  mutating func read(
    initializer: FileCursor, within prefix: String, isNode: Bool
  ) throws -> String {
    var tensor = try ONNXTensor(initializer)
    let value = tensor.name
    if !value.isEmpty { tensor.name = prefix + value }
    guard let entry = try offer(tensor, isInner: !prefix.isEmpty) else { return value }
    tensors.append(entry)
    if isNode {
      let known = prefix + value
      graph.constants[known] = try inside(known) { try tensor.elements(in: file) }
      if graph.constants[known] != nil { graph.constantForms[known] = tensor.form }
    }
    return value
  }

  /// A tensor's entry; nil where its type is not read.
  ///
  /// - Parameter isInner: whether another tensor may have its name: the bodies of one node may.
  private mutating func offer(_ tensor: ONNXTensor, isInner: Bool = false) throws -> TensorEntry? {
    try inside(tensor.name) {
      guard names.insert(tensor.name).inserted else {
        if isInner {
          var unread = tensor.unread(in: &external)
          unread.content = nil
          skip(tensor.name, "a second tensor of that name", tensor: unread)
          return nil
        }
        throw ONNXFile.damaged("the graph has it twice")
      }
      guard let type = tensor.elementType else {
        let unread = tensor.unread(in: &external)
        skip(tensor.name, ElementType.refusal(of: tensor.typeName), tensor: unread)
        return nil
      }
      return try tensor.entry(type, in: &external)
    }
  }

  private func inside<Result>(_ name: String, _ work: () throws -> Result) throws -> Result {
    do { return try work() } catch let error as Diagnostic { throw error.inside(name) }
  }

  /// Names a sparse tensor.
  ///
  /// - Returns: the name that nodes have for it.
  mutating func skip(sparse message: FileCursor, within prefix: String) throws -> String {
    var cursor = message
    var name = "sparse_initializer"
    while let field = try cursor.nextField() {
      if field.number == 1 { name = try ONNXTensor(try field.message()).name }
    }
    skip(prefix + name, "sparse tensors are not read", tensor: UnreadTensor(dtype: "sparse"))
    return name
  }

  mutating func finish() throws -> ParsedFile {
    let places = ONNXWeightPlaces(graph.nodes + innerNodes)
    for constant in constants {
      guard let tensor = constant.tensor, places.read(constant) else {
        skip(
          constant.name, constant.reason, tensor: places.read(constant) ? constant.unread : nil)
        continue
      }
      // The forms of a constant: an initializer has the same name only in a model that is damaged.
      if let entry = try offer(tensor, isInner: constant.name != constant.value) {
        tensors.append(entry)
      }
    }
    var catalog = Catalog(
      file: file.path, format: .onnx, byteCount: file.byteCount, tensors: tensors,
      attributes: attributes.isEmpty ? [:] : ["": attributes], skipped: skipped)
    let name = producer.filter { !$0.isEmpty }.joined(separator: " ")
    catalog.producer = name.isEmpty ? nil : name
    // Older models list their initializers among the inputs.
    graph.inputs = inputs.filter { !names.contains($0.name) }
    if !graph.nodes.isEmpty { catalog.onnxGraph = graph }
    return try ParsedFile(catalog, parts: [file] + external.files)
  }
}
