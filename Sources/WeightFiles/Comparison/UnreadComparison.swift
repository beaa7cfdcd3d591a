public import Catalogs
import Support

/// The tensors of two files that are not read as numbers, compared with their namesakes: as bytes,
/// where these are at a known place.
public struct UnreadComparison: Sendable {
  /// What is known of a pair.
  public enum Outcome: String, Sendable, Hashable {
    /// One type, one shape, the same bytes.
    case same
    /// Another type, another shape, or other bytes.
    case changed
    /// Nothing: the bytes are not to be had in one of the files, or are numbers in the other.
    case notCompared
  }

  /// What both files have, and one of them at least does not read.
  public struct Pair: Sendable, Hashable {
    /// The name in the first file.
    public var name: String
    /// What it is in each file; nil where it is a tensor that is read.
    public var first: Catalog.Skipped?
    /// In the second file.
    public var second: Catalog.Skipped?
    /// What the comparison showed.
    public var outcome: Outcome

    /// What it is, in the file that does not read it.
    public var object: Catalog.Skipped? { first ?? second }
  }

  /// What both files have, in the first one's order.
  public private(set) var pairs: [Pair] = []
  /// What only the first file has.
  public private(set) var removed: [Catalog.Skipped] = []
  /// What only the second file has.
  public private(set) var added: [Catalog.Skipped] = []

  /// How many bytes are compared at once.
  private static let rangeByteCount = 1 << 20

  /// Compares what is not read. A name is the same with slashes for dots.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the bytes of one are damaged.
  /// - Complexity: O(bytes of what is not read).
  public init(_ first: WeightFile, _ second: WeightFile, jobs: Int? = nil) throws {
    let sides = (first.catalog, second.catalog)
    let theirs = Dictionary(
      sides.1.unreadObjects.map { (Self.path($0.name), $0) }, uniquingKeysWith: { one, _ in one })
    let read = (Self.readNames(sides.0), Self.readNames(sides.1))
    var paired: Set<String> = []
    for object in sides.0.unreadObjects {
      let path = Self.path(object.name)
      if let other = theirs[path] {
        guard paired.insert(path).inserted else { continue }
        try Task.checkCancellation()
        let outcome = try Self.outcome(object, other, first, second, jobs: jobs)
        pairs.append(Pair(name: object.name, first: object, second: other, outcome: outcome))
      } else if read.1.contains(path) {
        pairs.append(Pair(name: object.name, first: object, outcome: .notCompared))
      } else {
        removed.append(object)
      }
    }
    for object in sides.1.unreadObjects where !paired.contains(Self.path(object.name)) {
      if read.0.contains(Self.path(object.name)) {
        pairs.append(Pair(name: object.name, second: object, outcome: .notCompared))
      } else {
        added.append(object)
      }
    }
  }

  private static func path(_ name: String) -> String { name.replacing("/", with: ".") }

  private static func readNames(_ catalog: Catalog) -> Set<String> {
    Set(catalog.tensors.map { path($0.name) })
  }

  private static func outcome(
    _ one: Catalog.Skipped, _ other: Catalog.Skipped, _ first: WeightFile, _ second: WeightFile,
    jobs: Int?
  ) throws -> Outcome {
    guard let a = one.tensor, let b = other.tensor else { return .notCompared }
    if let shape = a.shape, let otherShape = b.shape, shape != otherShape { return .changed }
    guard let content = a.content, let otherContent = b.content else { return .notCompared }
    guard a.dtype == b.dtype else {
      // Formats have names of their own for one type.
      return first.catalog.format == second.catalog.format ? .changed : .notCompared
    }
    guard content.byteCount == otherContent.byteCount else { return .changed }
    return try areEqual(content, first, otherContent, second, jobs: jobs) ? .same : .changed
  }

  /// Whether two runs of as many bytes are the same.
  private static func areEqual(
    _ one: TensorEntry, _ first: WeightFile, _ other: TensorEntry, _ second: WeightFile,
    jobs: Int?
  ) throws -> Bool {
    let sources = (try first.ranges(of: one, jobs: jobs), try second.ranges(of: other, jobs: jobs))
    var start = 0
    do {
      while start < one.byteCount {
        let range = start..<min(one.byteCount, start + rangeByteCount)
        guard try sources.0.bytes(range) == sources.1.bytes(range) else { return false }
        start = range.upperBound
      }
    } catch let error as Diagnostic {
      throw error.inside(one.name)
    }
    return true
  }
}
