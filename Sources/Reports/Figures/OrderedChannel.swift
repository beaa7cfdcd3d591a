/// A channel of a Vega-Lite specification whose names keep the order of the data.
struct OrderedChannel<Domain: Encodable>: Encodable {
  let field: String
  let type: String
  let title: String
  var scale: Colors?

  /// Which value has which colour.
  struct Colors: Encodable {
    let domain: [Domain]
    let range: [String]
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(field, forKey: .field)
    try container.encode(type, forKey: .type)
    try container.encode(title, forKey: .title)
    // Without null, Vega-Lite would sort by name.
    if type == "nominal" { try container.encodeNil(forKey: .sort) }
    try container.encodeIfPresent(scale, forKey: .scale)
  }

  private enum CodingKeys: CodingKey { case field, type, title, sort, scale }
}
