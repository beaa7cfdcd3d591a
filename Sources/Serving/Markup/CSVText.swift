import Reports
import ZooIndex

/// Answers of an index as comma-separated values.
enum CSVText {
  /// A heading and a row a row; numbers as they are in the index, paths from the folder of all models.
  static func of(_ answer: IndexAnswer, folder: String) throws -> String {
    var lines = [answer.columns.map(\.escapedForCSV).joined(separator: ",")]
    let paths = answer.columns.map { $0 == "file" || $0 == "parent_file" }
    for row in answer.rows {
      let cells = row.enumerated().map { place, value in
        (paths[place] ? ServedIndex.relative(value.text, to: folder) : value.text).escapedForCSV
      }
      lines.append(cells.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
