import Specs
import Support
import Tensors

extension MergekitRecipe {
  /// Keys of mergekit that mean something and are not there, with what to do instead.
  private static let absent: [String: Wording] = [
    "modules": "merge the parts of a model of several one by one",
    "tokenizer": "use tokenizer_source, where all tokenizers are equal",
    "chat_template": "set it in the result's tokenizer_config.json",
    "residual_weight": "mergekit itself does nothing with it: leave it out",
  ]

  /// Reads a recipe.
  ///
  /// - Parameters:
  ///   - text: the YAML.
  ///   - file: its path, for errors.
  /// - Throws: `Diagnostic` of code `badData`, with the line, where it is no YAML or has what is not there.
  public init(parsing text: String, file: String) throws {
    let node = try SpecNode(parsing: text, file: file)
    let members = try MergekitRecipe.members(
      of: node,
      [
        "merge_method", "base_model", "models", "slices", "parameters", "dtype", "out_dtype",
        "tokenizer_source",
      ])
    self.file = file
    guard let word = members["merge_method"] else {
      throw node.error("it has no 'merge_method': this is no recipe of mergekit")
    }
    let name = try word.string()
    guard let method = MergekitMethod(rawValue: name) else {
      throw word.error(
        "there is no merge_method '\(name)' here",
        remedy:
          "there are \(MergekitMethod.allCases.map(\.rawValue).sorted().joined(separator: ", "))"
      )
    }
    self.method = method
    base = try members["base_model"].map { try MergekitRecipe.model($0) }
    settings = try MergekitRecipe.settings(members["parameters"], of: method)
    switch (members["models"], members["slices"]) {
    case (let models?, nil):
      isOfWholeModels = true
      slices = [try MergekitRecipe.slice(ofModels: models, method, base: base)]
    case (nil, let slices?):
      isOfWholeModels = false
      let common = base
      self.slices = try slices.list().map { node in
        let slice = try MergekitRecipe.slice(node, method)
        try MergekitRecipe.check(slice, method, base: slice.base ?? common, at: node)
        return slice
      }
      if self.slices.isEmpty { throw slices.error("there are no slices") }
    default:
      throw node.error("it has to have either 'models' or 'slices'")
    }
    let types = try ["dtype", "out_dtype"].map { key in
      try members[key].map { try MergekitRecipe.elementType($0) } ?? nil
    }
    elementType = types[1] ?? types[0]
    tokenizer = try members["tokenizer_source"].map { node in
      switch try node.string() {
      case "union": .union
      case "base": .base
      default: .model(try MergekitRecipe.model(node))
      }
    }
  }

  /// The members of a mapping; what mergekit has and this does not is an error of its own.
  private static func members(
    of node: SpecNode, _ allowed: [String]
  ) throws -> [String: SpecNode] {
    if let entries = try? node.entries() {
      for entry in entries {
        guard let remedy = absent[entry.key] else { continue }
        throw entry.keyNode.error("mergekit's '\(entry.key)' is not there", remedy: remedy)
      }
    }
    return try node.members(allowed)
  }

  private static func slice(
    ofModels node: SpecNode, _ method: MergekitMethod, base: String?
  ) throws -> Slice {
    var sources = try node.list().map { item in
      let members = try members(of: item, ["model", "parameters"])
      guard let model = members["model"] else { throw item.error("it has no 'model'") }
      return Source(
        model: try Self.model(model),
        settings: try settings(members["parameters"], of: method))
    }
    if sources.isEmpty { throw node.error("there are no models") }
    // As mergekit does: the base is one of the models, whether it is listed or not.
    if let base, !sources.contains(where: { $0.model == base }) {
      sources.append(Source(model: base, settings: [:]))
    }
    let slice = Slice(sources: sources, settings: [:])
    try check(slice, method, base: base, at: node)
    return slice
  }

  private static func slice(_ node: SpecNode, _ method: MergekitMethod) throws -> Slice {
    let members = try members(of: node, ["sources", "base_model", "parameters"])
    guard let list = members["sources"] else { throw node.error("it has no 'sources'") }
    let sources = try list.list().map { item in
      let members = try Self.members(of: item, ["model", "layer_range", "parameters"])
      guard let model = members["model"] else { throw item.error("it has no 'model'") }
      guard let range = members["layer_range"] else { throw item.error("it has no 'layer_range'") }
      let ends = try range.list().map { try $0.integer(in: 0...100_000) }
      guard ends.count == 2, ends[0] < ends[1] else {
        throw range.error("a range of layers is [first, behind the last]")
      }
      return Source(
        model: try Self.model(model), layers: ends[0]..<ends[1],
        settings: try settings(members["parameters"], of: method))
    }
    guard let count = sources.first?.layers?.count else { throw list.error("there are no sources") }
    guard sources.allSatisfy({ $0.layers?.count == count }) else {
      throw list.error("all sources of a slice have to have the same number of layers")
    }
    return Slice(
      sources: sources, base: try members["base_model"].map { try Self.model($0) },
      settings: try settings(members["parameters"], of: method))
  }

  /// Checks what a method takes.
  private static func check(
    _ slice: Slice, _ method: MergekitMethod, base: String?, at node: SpecNode
  ) throws {
    if let problem = problem(of: slice, method, base: base) { throw node.error(problem) }
  }

  /// What is wrong with the models of a slice; nil where nothing is.
  private static func problem(of slice: Slice, _ method: MergekitMethod, base: String?) -> String? {
    let models = slice.sources.map(\.model)
    if Set(models).count < models.count { return "a model is there twice" }
    if method.needsBase {
      guard let base else { return "\(method.rawValue) needs a base_model" }
      guard models.contains(base) else { return "the base_model has to be one of the sources" }
    }
    switch method {
    case .slerp where models.count != 2: return "slerp takes two models, of which one is the base"
    case .passthrough where models.count != 1:
      return "passthrough takes one model, and here are \(models.count)"
    case .modelStock where models.count < 3:
      return "model_stock takes two or more models beside the base"
    default: return nil
    }
  }

  private static func model(_ node: SpecNode) throws -> String {
    if (try? node.entries()) != nil {
      throw node.error(
        "a model is told by its folder alone", remedy: "write `model: path/of/the/folder`")
    }
    return try node.string()
  }

  private static func settings(
    _ node: SpecNode?, of method: MergekitMethod
  ) throws -> Settings {
    guard let node else { return [:] }
    let parameters = method.parameters
    var settings: Settings = [:]
    for entry in try node.entries() {
      guard let parameter = parameters.first(where: { $0.name == entry.key }) else {
        throw entry.keyNode.error(
          "\(method.rawValue) has no parameter '\(entry.key)'",
          remedy: "it has \(parameters.map(\.name).joined(separator: ", "))")
      }
      settings[entry.key] = try MergekitSetting(entry.value, isFlag: parameter.isFlag)
    }
    return settings
  }

  private static func elementType(_ node: SpecNode) throws -> ElementType? {
    switch try node.string() {
    case "float32": .float32
    case "float16": .float16
    case "bfloat16": .bfloat16
    case "float64": .float64
    case "null", "~", "": nil
    case let word:
      throw node.error(
        "'\(word)' is no type of the result", remedy: "use float32, float16, bfloat16 or float64")
    }
  }
}
