import ModelGraph
import Support

extension AdapterMerger {
  /// The result's `adapter_config.json`: the first adapter's with the rank, the scale and the modules of
  /// the result; nil where no adapter has one, or nothing says the scale.
  ///
  /// - Throws: `Diagnostic` of code `failed` where it cannot be written.
  public func configuration() throws -> [UInt8]? {
    let all = inputs.compactMap(\.adapter.configuration)
    guard var members = all.first?.members, updates.allSatisfy({ $0.model.scale != .unknown })
    else { return nil }
    let ranks = updates.map { (module: $0.model.module, value: Double($0.rank)) }
    let alphas = updates.map { (module: $0.model.module, value: $0.scale * Double($0.rank)) }
    let rank = Self.mostFrequent(ranks.map(\.value))
    let alpha = Self.mostFrequent(alphas.map(\.value))
    members["r"] = .number(rank)
    members["lora_alpha"] = .number(alpha)
    // The scale of each module is alpha over its rank from here on.
    members["use_rslora"] = .bool(false)
    members["rank_pattern"] = Self.exceptions(ranks, from: rank)
    members["alpha_pattern"] = Self.exceptions(alphas, from: alpha)
    let names = ["layers_to_transform", "layers_pattern", "exclude_modules", "target_modules"]
    if all.count < inputs.count
      || names.contains(where: { name in all.contains { $0[name] != all[0][name] } })
    {
      for name in names { members[name] = .null }
      members["target_modules"] =
        Self.union(all)
        ?? .array(updates.map { JSONValue.string($0.model.module) })
    }
    let saved = Set(all.flatMap { $0["modules_to_save"]?.array ?? [] }.compactMap(\.string))
    if !saved.isEmpty {
      members["modules_to_save"] = .array(saved.sorted().map { JSONValue.string($0) })
    }
    return try JSONValue.object(members).encoded() + [0x0A]
  }

  /// The names of all lists together, where there is nothing but lists.
  private static func union(_ all: [AdapterConfiguration]) -> JSONValue? {
    let restricted = ["layers_to_transform", "layers_pattern", "exclude_modules"]
    var names: Set<String> = []
    for one in all {
      guard let list = one["target_modules"]?.array, !restricted.contains(where: { one[$0] != nil })
      else { return nil }
      let texts = list.compactMap(\.string)
      guard texts.count == list.count else { return nil }
      names.formUnion(texts)
    }
    return .array(names.sorted().map { JSONValue.string($0) })
  }

  private static func mostFrequent(_ values: [Double]) -> Double {
    var counts: [Double: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? 0
  }

  private static func exceptions(
    _ values: [(module: String, value: Double)], from usual: Double
  ) -> JSONValue {
    .object(
      Dictionary(
        values.filter { $0.value != usual }.map { ($0.module, JSONValue.number($0.value)) },
        uniquingKeysWith: { first, _ in first }))
  }
}
