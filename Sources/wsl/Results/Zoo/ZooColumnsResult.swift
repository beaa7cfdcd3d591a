import Reports
import Support
import ZooIndex

/// What `wsl zoo list --show-columns` says.
struct ZooColumnsResult: Encodable {
  var index: String
  var columns: [IndexColumn]

  /// The result for a person.
  var text: String {
    var table = TextTable([.text("column"), .text("type"), .text("from")])
    for column in columns {
      table.add(
        column.name, column.type ?? "",
        column.origins.joined(separator: ", ").escapingControlCharacters)
    }
    return table.text
  }
}
