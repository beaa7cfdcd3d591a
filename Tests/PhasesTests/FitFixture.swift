import Foundation
import Support

/// What SciPy and NumPy say: `Fixtures/fits.json`, by `Fixtures/make_fits.py`.
struct FitFixture {
  let json: JSONValue

  init() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/fits.json").path
    json = try JSONValue(parsing: try Data(contentsOf: URL(fileURLWithPath: path)))
  }
}

extension JSONValue {
  /// A list of numbers.
  var numbers: [Double] { array?.compactMap(\.number) ?? [] }
}
