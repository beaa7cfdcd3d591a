import Foundation
import Support
import WeightFiles

/// A fact about a model that a column of the index holds: a setting of its training, a result.
struct Label: Sendable, Hashable {
  /// The name, as its origin has it.
  var name: String
  /// The value.
  var value: IndexValue
  /// Where it comes from: `attributes`, `params.json`, a file's name.
  var origin: String

  /// Makes a label.
  init(_ name: String, _ value: IndexValue, origin: String) {
    self.name = name
    self.value = value
    self.origin = origin
  }

  /// The name as a column's: letters, digits and underlines.
  var column: String { Label.column(name) }

  /// A name as a column's: `model::type` becomes `model_type`.
  static func column(_ name: String) -> String {
    var column = ""
    for character in name {
      if character.isASCII, character.isLetter || character.isNumber {
        column.append(character)
      } else if !column.hasSuffix("_"), !column.isEmpty {
        column.append("_")
      }
    }
    while column.hasSuffix("_") { column.removeLast() }
    column = String(column.prefix(100))
    if column.first?.isNumber ?? true { column = "_" + column }
    // The models' own columns keep their names.
    return ModelColumn.reserved.contains(column.lowercased()) ? "label_" + column : column
  }
}
