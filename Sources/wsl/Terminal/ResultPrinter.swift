import Foundation
import Support

/// Prints one JSON document: keys sorted, no line breaks, so that equal results are equal bytes.
enum ResultPrinter {
  static func printJSON(_ result: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(result)
    Terminal.print(String(decoding: data, as: UTF8.self))
  }
}
