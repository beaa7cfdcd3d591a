import Reports
import WorkbenchCore

/// What `wsl permute` says.
struct PermuteResult: Encodable {
  struct Group: Encodable {
    var group: String
    var size: Int
    var moved: Int
  }

  var file: String
  var permutation: String
  var output: String
  var inverted: Bool
  var groups: [Group]

  /// The result for a person.
  var text: String {
    var table = TextTable([.text("group"), .number("units"), .number("moved")])
    for group in groups {
      table.add(group.group.escapingControlCharacters, String(group.size), String(group.moved))
    }
    return table.text + "\n\nwritten: \(output.escapingControlCharacters)"
  }
}
