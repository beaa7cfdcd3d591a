import Catalogs
public import Support

/// What stands in the `adapter_config.json` of PEFT beside an adapter's factors.
public struct AdapterConfiguration: Sendable {
  /// The document's name, also of the text that keeps it within a file.
  public static let name = "adapter_config.json"

  /// The whole document.
  public let members: [String: JSONValue]

  /// Finds the document: beside the file, or as a text of the file's own.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is damaged.
  init?(_ catalog: Catalog) throws {
    guard
      let bytes = catalog.documents[Self.name]
        ?? catalog.text(Self.name).map({ Array($0.utf8) })
    else { return nil }
    do {
      guard let members = try JSONValue(parsing: bytes).object else {
        throw Diagnostic(.badData, "this is no JSON object")
      }
      self.members = members
    } catch let error as Diagnostic { throw error.inside(Self.name) }
  }

  /// The member of that name; nil where it is `null`, too.
  public subscript(name: String) -> JSONValue? {
    guard let value = members[name], value != .null else { return nil }
    return value
  }

  /// What a module's update is multiplied by: `lora_alpha / r`, or `lora_alpha / √r` where it is
  /// stabilised; nil where the document does not say.
  ///
  /// - Parameters:
  ///   - module: the module's name in the network.
  ///   - rank: how many rows its factor has.
  /// - Throws: `Diagnostic` of code `badData` where the document contradicts the factor, or is not
  ///   understood.
  func scale(of module: String, rank: Int) throws -> Double? {
    let declared = try entry("rank_pattern", for: module) ?? self["r"]
    if let declared, declared.integer != rank {
      let told = declared.number.map { "\($0)" } ?? "no number"
      throw Diagnostic(
        .badData, "its factors have rank \(rank), and \(Self.name) says \(told)", at: [module],
        remedy: "use the configuration that was written with these factors")
    }
    guard let alpha = try entry("alpha_pattern", for: module) ?? self["lora_alpha"] else {
      return nil
    }
    guard let number = alpha.number, number.isFinite, rank > 0 else {
      throw Diagnostic(.badData, "its lora_alpha is no number", at: [Self.name])
    }
    let isStabilised = self["use_rslora"]?.bool == true
    return number / (isStabilised ? Double(rank).squareRoot() : Double(rank))
  }

  /// A module's entry of a dictionary of patterns.
  private func entry(_ name: String, for module: String) throws -> JSONValue? {
    guard let patterns = self[name]?.object else { return nil }
    let found = try patterns.keys.sorted().filter { try ModulePattern($0).matches(module) }
    guard let first = found.first, let value = patterns[first] else { return nil }
    // PEFT takes the first one of the document, whose order is not known here.
    if found.contains(where: { patterns[$0] != value }) {
      throw Diagnostic(
        .badData, "several patterns of \(name) fit, and they say different things", at: [module])
    }
    return value
  }

  /// Why the updates are not the products of the factors times a scale; nil where they are.
  public var obstacle: String? {
    if let kind = self["peft_type"]?.string, kind.uppercased() != "LORA" {
      return "its kind is \(kind), and only products of two factors (LORA) are understood"
    }
    let words: [(String, String)] = [
      ("use_dora", "DoRA normalises the weights it is added to, so that it is no sum"),
      ("lora_bias", "there is a bias between the factors and their scale"),
      ("use_qalora", "QALoRA pools its inputs"),
      ("target_parameters", "its factors are of stacked experts"),
      ("alora_invocation_tokens", "it is added only behind certain tokens"),
      ("arrow_config", "it is one of several experts"),
      ("trainable_token_indices", "it replaces rows of an embedding"),
      ("layer_replication", "it is of a network whose layers are repeated"),
    ]
    for (name, reason) in words where Self.isSet(self[name]) {
      return "\(name) is set: \(reason)"
    }
    return nil
  }

  private static func isSet(_ value: JSONValue?) -> Bool {
    switch value {
    case nil, .null, .bool(false), .array([]): false
    case .object(let members): !members.isEmpty
    default: true
    }
  }

  /// The way of starting that has changed the weights of the base; nil where none has.
  public var baseChange: String? {
    guard let start = self["init_lora_weights"]?.string?.lowercased() else { return nil }
    return ["pissa", "olora", "corda", "loftq"].first { start.hasPrefix($0) }
  }
}
