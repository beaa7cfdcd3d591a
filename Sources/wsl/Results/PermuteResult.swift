import Reports
import Support

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
  /// How many factors were applied; nil where the permutation file has none.
  var scaled: Int?
  /// How many tensors were changed by signs, rotations and what goes with them; nil where orders and
  /// factors alone were.
  var changedTensors: Int?
  var warnings: [String]

  /// The result for a person.
  var text: String {
    var table = TextTable([.text("group"), .number("units"), .number("moved")])
    for group in groups {
      table.add(group.group.escapingControlCharacters, String(group.size), String(group.moved))
    }
    let scaling =
      scaled.map { "\n\n\($0) factors of units \(inverted ? "undone" : "applied")" } ?? ""
    if let changedTensors {
      return
        "\(changedTensors) tensors changed \(inverted ? "back" : "by symmetries of several kinds")"
        + "\n\nwritten: \(output.escapingControlCharacters)"
    }
    return table.text + scaling + "\n\nwritten: \(output.escapingControlCharacters)"
  }
}
