import Foundation
import Reports
public import Support

/// Results of several commands brought together: a row a path between two networks.
public struct StudyReport {
  /// One path of one result.
  struct Row {
    var file: String
    var family: String
    var width: Int
    var name: String
    var split: String
    var a: String
    var b: String
    var barrier: Double
    var overMean: Double?
    var atMiddle: Double?
    var taylor: Double?
    var l2: Double?
    var alignment: Double?
    var middleAlignment: Double?
    var middleAccuracy: Double
    var endAccuracy: Double
    var points: [(t: Double, loss: Double, accuracy: Double)]
  }

  /// The mean over the pairs of one family, width and kind of path.
  public struct WidthRow: Encodable {
    var family: String
    var width: Int
    var path: String
    var split: String
    var pairs: Int
    var barrier: FiniteNumber
    var lowest: FiniteNumber
    var highest: FiniteNumber
    var l2: FiniteNumber
    /// How much shorter the distance is than that of the naive path, as a share.
    var l2Change: FiniteNumber
    var alignment: FiniteNumber
    var middleAlignment: FiniteNumber
    var taylor: FiniteNumber
    var atMiddle: FiniteNumber
    var middleAccuracy: FiniteNumber
  }

  private(set) var rows: [Row] = []
  private(set) var others: [(file: String, text: [[String]])] = []

  /// How many paths there are.
  public var pathCount: Int { rows.count }

  /// Begins without results.
  public init() {}

  /// Takes one result of `wsl connect`, `wsl match` or `wsl merge`, or an array of them.
  ///
  /// - Parameter file: where it is from.
  /// - Throws: `Diagnostic` of code `badData` where it is something else.
  public mutating func add(_ value: JSONValue, file: String) throws {
    if let items = value.array {
      for item in items { try add(item, file: file) }
      return
    }
    if let curves = value["curves"]?.array, !curves.isEmpty {
      for curve in curves { try addCurve(curve, of: value, file: file) }
    } else if value["format"] == nil, value["objective"] != nil || value["sources"] != nil {
      others.append((file, Self.pairs(value)))
    } else if value["format"]?.string == "wsl-permutation" {
      throw Diagnostic(
        .badData, "this is a permutation, and no result", at: [file],
        remedy: "give what `wsl match --json` prints")
    } else {
      throw Diagnostic(
        .badData, "this is no result of connect, match or merge", at: [file],
        remedy: "give what these commands print with --json")
    }
  }

  private mutating func addCurve(_ curve: JSONValue, of result: JSONValue, file: String) throws {
    guard let name = curve["name"]?.string, let points = curve["points"]?.array, points.count > 1
    else {
      throw Diagnostic(
        .badData, "a curve has no name or no points", at: [file],
        remedy: "measure it again with `wsl connect --json`")
    }
    let path = points.map { point in
      (
        t: point["t"]?.number ?? .nan, loss: point["loss"]?.number ?? .nan,
        accuracy: point["accuracy"]?.number ?? .nan
      )
    }
    let place = curve["alignment"]?["gammas"]?.array?.firstIndex { $0.number == 0.3 }
    func alignment(_ key: String) -> Double? {
      guard let place, let values = curve["alignment"]?[key]?.array, values.indices.contains(place)
      else { return nil }
      return values[place].number
    }
    let a = curve["a"]?.string ?? result["a"]?.string ?? "A"
    // Two networks that were both lined up with a third are farther apart than each from it.
    let reference = result["models"]?[0]?.string
    let isIndirect = reference.map { $0 != a } ?? false
    let b = curve["b"]?.string ?? result["b"]?.string ?? "B"
    let split = curve["split"]?.string ?? result["split"]?.string ?? ""
    // Every result of a pair measures its naive path; it counts once.
    if name.hasPrefix("naive"),
      rows.contains(where: { ($0.name, $0.a, $0.b, $0.split) == (name, a, b, split) })
    {
      return
    }
    let widths = result["hiddenUnits"]?.array?.compactMap(\.integer) ?? []
    let method = result["method"]?.string ?? "weights"
    rows.append(
      Row(
        file: file, family: Self.family(a), width: widths.max() ?? 0,
        name: name.hasPrefix("matched")
          ? "\(method) matched" + name.dropFirst("matched".count) + (isIndirect ? ", indirect" : "")
          : name,
        split: split, a: a, b: b,
        barrier: curve["barrier"]?["loss"]?.number ?? .infinity,
        overMean: curve["barriers"]?["loss"]?["overMean"]?.number,
        atMiddle: curve["barriers"]?["loss"]?["atMiddle"]?.number,
        taylor: curve["taylor"]?["estimate"]?.number, l2: curve["l2"]?.number,
        alignment: alignment("ends"), middleAlignment: alignment("aMiddle"),
        middleAccuracy: path[path.count / 2].accuracy,
        endAccuracy: (path[0].accuracy + path[path.count - 1].accuracy) / 2, points: path))
  }

  /// What models of one kind share: the file's name without seed, width and number.
  private static func family(_ path: String) -> String {
    let stem = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    let words = stem.split(separator: "-").filter { word in
      !["seed", "width", "start"].contains { word.hasPrefix($0) } && Int(word) == nil
    }
    return words.isEmpty ? stem : words.joined(separator: "-")
  }

  /// Numbers and words of a result that is no path, a line each.
  private static func pairs(_ value: JSONValue) -> [[String]] {
    var lines: [[String]] = []
    for key in ["a", "b", "output", "method", "sweeps", "seconds", "seed"] {
      if let text = value[key]?.string { lines.append([key, text]) }
      if let number = value[key]?.number {
        lines.append([key, NumberFormat.significant(number)])
      }
    }
    for key in ["objective", "l2", "cosine"] {
      guard let before = value[key]?["before"]?.number, let after = value[key]?["after"]?.number
      else { continue }
      lines.append([
        key, "\(NumberFormat.significant(before)) → \(NumberFormat.significant(after))",
      ])
    }
    return lines
  }
}
