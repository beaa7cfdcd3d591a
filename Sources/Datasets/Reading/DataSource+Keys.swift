import Support

/// The names under which files of several arrays keep examples and labels.
extension DataSource {
  /// The names of the examples and the labels of a part, among those of a file.
  ///
  /// - Throws: `Diagnostic` of code `badData` where there are none, or nothing tells which they are.
  static func choose(
    _ names: Set<String>, split: Split
  ) throws -> (images: String, labels: String?) {
    let part = split.rawValue
    let pairs = keys(part) + commonKeys
    if let pair = pairs.first(where: { names.contains($0.0) && names.contains($0.1) }) {
      guard pair.0 != "arr_0" || !names.contains("arr_2") else {
        throw Diagnostic(
          .badData, "of more than two arrays without names nothing tells which are the labels",
          remedy: "save them by name: numpy.savez(…, x_train=…, y_train=…, x_test=…, y_test=…)")
      }
      return pair
    }
    // Examples alone, for what needs no labels; a file with more may have labels under other names.
    let examples = DataSource.Split.allCases.flatMap { keys($0.rawValue) } + commonKeys
    if names.isSubset(of: examples.map(\.0)),
      let alone = pairs.first(where: { names.contains($0.0) })
    {
      return (alone.0, nil)
    }
    let present = names.sorted().prefix(8).joined(separator: ", ")
    throw Diagnostic(
      .badData, "there are no \(part) images and labels (the file has \(present))",
      remedy: "name them \(part)/images and \(part)/labels")
  }

  /// The names of a part's examples and labels.
  private static func keys(_ part: String) -> [(String, String)] {
    [
      ("\(part)/images", "\(part)/labels"), ("\(part)_images", "\(part)_labels"),
      ("x_\(part)", "y_\(part)"), ("X_\(part)", "y_\(part)"), ("\(part)_data", "\(part)_labels"),
      ("\(part)/x", "\(part)/y"), ("\(part)_tokens", "\(part)_targets"),
    ]
  }

  /// The names where a file has one part for all.
  private static let commonKeys = [
    ("images", "labels"), ("x", "y"), ("X", "y"), ("X", "Y"), ("data", "labels"),
    ("data", "target"),
    ("inputs", "targets"), ("tokens", "targets"), ("input_ids", "target_ids"),
    ("arr_0", "arr_1"),
  ]
}
