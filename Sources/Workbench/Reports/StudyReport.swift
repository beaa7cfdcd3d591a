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
    /// The barrier where every place has the temperature that makes its loss smallest.
    var tempered: Double?
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
    var tempered: FiniteNumber
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
  private(set) var probes: [ProbeFigures] = []
  private(set) var others: [(file: String, text: [[String]])] = []

  /// How many trained probes there are.
  public var probeCount: Int { probes.count }

  /// How many paths there are.
  public var pathCount: Int { rows.count }

  /// Begins without results.
  public init() {}

  /// Takes one result of `wsl connect`, `wsl match`, `wsl merge` or `wsl probe train`, or an array of them.
  ///
  /// - Parameter file: where it is from.
  /// - Throws: `Diagnostic` of code `badData` where it is something else.
  public mutating func add(_ value: JSONValue, file: String) throws {
    if let probe = ProbeFigures(value, file: file) { return probes.append(probe) }
    if let items = value.array {
      for item in items { try add(item, file: file) }
      return
    }
    if let curves = value["curves"]?.array, !curves.isEmpty {
      try addCurves(of: value, file: file)
    } else if value["format"] == nil, value["objective"] != nil || value["sources"] != nil {
      others.append((file, Self.pairs(value)))
    } else if value["format"]?.string == "wsl-permutation" {
      throw Diagnostic(
        .badData, "this is a permutation, and no result", at: [file],
        remedy: "give what \(action: .match, with: .json) prints")
    } else {
      throw Diagnostic(
        .badData, "this is no result of connect, match or merge", at: [file],
        remedy: "give what these commands print with \(setting: .json)")
    }
  }

  /// What is read of a `PairStudyResult`; the rest may be missing, as in results of older versions.
  private struct Paths: Decodable {
    var method: String?
    var symmetries: String?
    var models: [String]?
    var hiddenUnits: [Int]
    var curves: [PairStudyResult.CurveRow]
  }

  private mutating func addCurves(of value: JSONValue, file: String) throws {
    let result: Paths
    do {
      result = try JSONDecoder().decode(Paths.self, from: Data(try value.encoded()))
    } catch let error as DecodingError {
      throw Diagnostic(
        .badData, "this result of paths is not complete\(Self.place(of: error))", at: [file],
        remedy: "measure it again with \(action: .connect, with: .json)")
    }
    for curve in result.curves {
      guard curve.points.count > 1 else {
        throw Diagnostic(
          .badData, "a curve has no points", at: [file],
          remedy: "measure it again with \(action: .connect, with: .json)")
      }
      add(curve, of: result, file: file)
    }
  }

  /// The key that is missing or wrong.
  private static func place(of error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): ": '\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      ": '\(context.codingPath.map(\.stringValue).joined(separator: "."))' is something else"
    default: ""
    }
  }

  private mutating func add(
    _ curve: PairStudyResult.CurveRow, of result: Paths, file: String
  ) {
    let (name, a, b) = (curve.name, curve.a, curve.b)
    let path = curve.points.map {
      (t: $0.t, loss: $0.loss.value, accuracy: $0.accuracy.value)
    }
    let place = curve.alignment?.gammas.firstIndex(of: 0.3)
    func alignment(_ values: [FiniteNumber]?) -> Double? {
      guard let place, let values, values.indices.contains(place) else { return nil }
      return values[place].finite
    }
    // Two networks that were both lined up with a third are farther apart than each from it.
    let isIndirect = result.models?.first.map { $0 != a } ?? false
    // Every result of a pair measures its naive path; it counts once.
    if name.hasPrefix("naive"),
      rows.contains(where: { ($0.name, $0.a, $0.b, $0.split) == (name, a, b, curve.split) })
    {
      return
    }
    var method = "\(result.method ?? "weights") matched"
    if let symmetries = result.symmetries { method += ", \(symmetries)" }
    rows.append(
      Row(
        file: file, family: Self.family(a), width: result.hiddenUnits.max() ?? 0,
        name: name.hasPrefix("matched")
          ? method + name.dropFirst("matched".count) + (isIndirect ? ", indirect" : "")
          : name,
        split: curve.split, a: a, b: b, barrier: curve.barrier.loss.finite ?? .infinity,
        tempered: curve.bestTemperature?.barrier.finite,
        overMean: curve.barriers.loss.overMean?.finite,
        atMiddle: curve.barriers.loss.atMiddle?.finite,
        taylor: curve.taylor?.estimate.finite, l2: curve.l2?.finite,
        alignment: alignment(curve.alignment?.ends),
        middleAlignment: alignment(curve.alignment?.aMiddle),
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
