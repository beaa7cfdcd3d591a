public import Catalogs
import Support

extension ModelGraph {
  /// Reads the graph of a weight file: from the YAML description where one is given, else from the
  /// nodes of an ONNX model, else from the Keras configuration in the file, else from the names and
  /// shapes of its tensors.
  ///
  /// What is not understood is listed in `skipped` and stays fixed; the rest can be matched.
  ///
  /// How sure the result is says `certainty`; what a file of weights alone leaves open, `assumptions`.
  ///
  /// - Parameters:
  ///   - catalog: what the file holds. No tensor data is read.
  ///   - statement: what the user states: a description, for networks that no importer understands, or
  ///     which of several readings to take.
  /// - Throws: `Diagnostic` of code `badData` that names the layer, where shapes do not chain, a
  ///   tensor is missing, layers form a cycle, or nothing tells what the layers are.
  /// - Complexity: O(layers + tensors), apart from searching the order of unnamed layers.
  public init(_ catalog: Catalog, statement: GraphStatement = .none) throws {
    do {
      let graph = try ModelGraph.read(catalog, statement)
      // Who writes the fingerprint of the network into its file declares the graph.
      self = graph.isDeclared(by: catalog) ? graph.settled(as: .declared) : graph
      sharedStorage = catalog.sharedStorage()
      try checkElements(in: catalog)
    } catch let error as Diagnostic {
      throw error.inside(catalog.file)
    }
  }

  private static func read(
    _ catalog: Catalog, _ statement: GraphStatement
  ) throws -> ModelGraph {
    try refuseOtherFiles(catalog)
    if statement.family != nil, statement.file == nil,
      let graph = try FamilyImporter.graph(of: catalog, statement: statement)
    {
      return graph
    }
    if let file = statement.file { return try GraphFileImporter.graph(path: file, catalog) }
    if let graph = try ModelGraph.sequence(of: catalog) { return graph }
    let inputs = try statement.inputs()
    if let nodes = catalog.onnxGraph {
      return try ONNXImporter.graph(of: nodes.stating(inputs), catalog)
    }
    if let name = inputs.keys.sorted().first {
      throw Diagnostic(
        .usage, "what its input \(name) is can be stated of ONNX models only, and this is none")
    }
    if let configuration = try configuration(of: catalog) {
      let listsLayers = configuration["config"]?["layers"] ?? configuration["config"]
      if listsLayers?.array == nil, unreadWeight(of: catalog) == nil,
        let graph = try? KerasWeightsImporter.graph(of: catalog, statement: statement)
      {
        // A model that is a class of its own does not describe itself; its weights may.
        return graph
      }
      return try KerasImporter.graph(of: configuration, catalog)
    }
    if let tensor = unreadWeight(of: catalog) {
      throw Diagnostic(
        .badData,
        "this tensor is not read (\(tensor.reason)), and what the network is cannot be told from the "
          + "names and shapes of the others alone", at: [tensor.name],
        remedy: Remedies.describeNetwork)
    }
    if let graph = try FamilyImporter.graph(of: catalog, statement: statement) { return graph }
    if let graph = try KerasWeightsImporter.graph(of: catalog, statement: statement) {
      return graph
    }
    do { return try StateDictionaryImporter.graph(of: catalog, statement: statement) } catch let
      error as Diagnostic
    {
      throw AttentionEvidence.explained(error, in: catalog)
    }
  }

  /// Refuses files of this tool's own that hold no network.
  private static func refuseOtherFiles(_ catalog: Catalog) throws {
    if catalog.isPackedZoo {
      throw Diagnostic(
        .badData, "this is a packed zoo of models",
        remedy:
          "name one of them: '\(catalog.file)#MODEL'; \(action: .zooIndex) lists what it holds")
    }
    if catalog.isSignature {
      throw Diagnostic(
        .badData, "this is a signature, no network",
        remedy: "\(action: .signatureInfo) shows it, \(action: .patch, with: .rws) applies it")
    }
  }

  /// A tensor that is not read and may be a weight between the others.
  private static func unreadWeight(of catalog: Catalog) -> Catalog.Skipped? {
    catalog.unreadTensors.first { object in
      guard let tensor = object.tensor, tensor.mayBeWeight else { return false }
      // One number has no axis that would move.
      let isOneNumber = tensor.shape?.allSatisfy { $0 <= 1 } ?? false
      return !isOneNumber && TensorRole(ofTensorNamed: object.name) == nil
        && !standsBeside(object.name, tensor.shape, catalog)
    }
  }

  /// Whether a tensor is a list beside the network, a history of losses: all others stand in layers, it
  /// stands in none, and no axis of theirs has its length, so that it says nothing of any of their units.
  private static func standsBeside(_ name: String, _ shape: [Int]?, _ catalog: Catalog) -> Bool {
    guard let shape, shape.count == 1, !isInLayer(name), !catalog.tensors.isEmpty else {
      return false
    }
    return catalog.tensors.allSatisfy { isInLayer($0.name) && !$0.shape.contains(shape[0]) }
  }

  private static func isInLayer(_ name: String) -> Bool {
    name.contains { $0 == "/" || $0 == "." }
  }

  /// The Keras configuration in a file; nil where there is none.
  private static func configuration(of catalog: Catalog) throws -> JSONValue? {
    if let document = catalog.documents["config.json"] {
      if catalog.format == .keras { return try JSONValue(parsing: document) }
      // Beside other weights stands a configuration of whatever library wrote them.
      let json = try? JSONValue(parsing: document)
      if let json, json["class_name"] != nil { return json }
    }
    return try catalog.text("model_config").map { try JSONValue(parsing: $0.utf8) }
  }
}

extension ModelGraph {
  /// The graph as a description in YAML, which gives the same graph again where it is stated for the
  /// same file.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a layer has no word in descriptions.
  public func description() throws -> String { try GraphFileWriter.text(of: self) }

  /// The graph of a description, of the tensors of a catalogue.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is none, or does not fit the tensors.
  public init(description: String, of catalog: Catalog) throws {
    self = try GraphFileImporter.graph(text: description, catalog)
    sharedStorage = catalog.sharedStorage()
    try checkElements(in: catalog)
  }
}
