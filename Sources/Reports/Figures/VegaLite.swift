import Foundation

/// What all Vega-Lite specifications have in common.
enum VegaLite {
  /// The version that they are written in.
  static let schema = "https://vega.github.io/schema/vega-lite/v5.json"

  /// What stands above a figure.
  struct Title: Encodable {
    var text: String
    var subtitle: String
  }

  /// A specification as text that is the same in every run.
  static func text(of specification: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(specification), as: UTF8.self) + "\n"
  }
}
