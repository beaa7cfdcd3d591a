import Catalogs
import Reports
import Support
import Tensors
import WeightFiles

extension DiffResult {
  /// What is not read as numbers in one of the files.
  struct Unread: Encodable {
    /// What is known of it.
    enum Outcome: String, Encodable {
      case same
      case changed
      case notCompared
      case onlyInA
      case onlyInB
    }

    var name: String
    var outcome: Outcome
    /// How many tensors it stands for.
    var tensors: Int
    @OrNull var shape: [Int]?
    @OrNull var dtype: String?
    @OrNull var otherDtype: String?
    var reason: String

    /// What is said of a comparison; tensors that one file alone has are among the removed and added.
    static func rows(_ comparison: UnreadComparison) -> [Unread] {
      let pairs = comparison.pairs.compactMap { pair in
        pair.object.map { object in
          Unread(
            object,
            pair.outcome == .same ? .same : pair.outcome == .changed ? .changed : .notCompared,
            dtype: pair.first?.tensor?.dtype, otherDtype: pair.second?.tensor?.dtype)
        }
      }
      let alone = [(comparison.removed, Outcome.onlyInA), (comparison.added, .onlyInB)]
      return pairs
        + alone.flatMap { list, outcome in
          list.filter { $0.tensor == nil }.map {
            Unread($0, outcome, dtype: nil, otherDtype: nil)
          }
        }
    }

    /// The names of what one file reads and the other does not, in either's way of writing them.
    static func names(_ comparison: UnreadComparison) -> Set<String> {
      let names = comparison.pairs.filter { $0.first == nil || $0.second == nil }.map(\.name)
      return Set(
        names.flatMap { [$0, $0.replacing("/", with: "."), $0.replacing(".", with: "/")] })
    }

    private init(
      _ object: Catalog.Skipped, _ outcome: Outcome, dtype: String?, otherDtype: String?
    ) {
      name = object.name
      self.outcome = outcome
      tensors = object.tensorCount
      shape = object.tensor?.shape
      self.dtype = dtype
      self.otherDtype = otherDtype
      reason = object.reason
    }

    /// The name with the type, or what it is instead.
    var title: String {
      guard tensors == 1 else { return "\(name) (\(tensors) tensors)" }
      let types = [dtype, otherDtype].compactMap { $0 }
      guard let type = types.first else { return name }
      return types.contains { $0 != type }
        ? "\(name) (\(types.joined(separator: " → ")))" : "\(name) (\(type))"
    }
  }
}

extension DiffResult.Tensor {
  /// A tensor that is not read; nil for what is several.
  init?(_ object: Catalog.Skipped) {
    guard let tensor = object.tensor else { return nil }
    name = object.name
    shape = tensor.shape ?? []
    dtype = tensor.dtype ?? "not read"
  }
}

extension DiffResult {
  /// What is said first where no number differs: of how many tensors that is known.
  var sameness: String {
    if total.tensors == 0, unread.isEmpty { return "neither file has tensors to compare" }
    let count = "\(NumberFormat.grouped(total.tensors)) tensors"
    let bytes = unread.count { $0.outcome == .same }
    let others =
      bytes > 0
      ? "; \(bytes) not read as numbers \(bytes == 1 ? "has" : "have") the same bytes" : ""
    if identical == true { return "the same: \(count), every element" + others }
    let open = unread.filter { $0.outcome == .notCompared }
    let number = open.reduce(0) { $0 + $1.tensors }
    let names = open.prefix(8).map(\.title).joined(separator: ", ")
    return "the same in the \(count) that can be read" + others
      + (open.isEmpty
        ? ""
        : "; \(number) \(number == 1 ? "is" : "are") not read: \(names)"
          + (open.count > 8 ? " and \(open.count - 8) more" : ""))
  }

  /// What is not read as numbers and differs, or may.
  var unreadParts: [String] {
    let titles: [(DiffResult.Unread.Outcome, String)] = [
      (.changed, "changed, not read as numbers"), (.notCompared, "not read, and not compared"),
      (.onlyInA, "only in A, and not read"), (.onlyInB, "only in B, and not read"),
    ]
    return titles.compactMap { outcome, title in
      let rows = unread.filter { $0.outcome == outcome }
      guard !rows.isEmpty else { return nil }
      let lines = rows.map { row in
        let shape = row.shape.map { " " + NumberFormat.shape($0) } ?? ""
        let type = [row.dtype, row.otherDtype].compactMap { $0 }
        let types = type.count == 2 && type[0] == type[1] ? [type[0]] : type
        return "  \(row.name)\(shape) \(types.joined(separator: " → ")) (\(row.reason))"
          .escapingControlCharacters
      }
      return title + ":\n" + lines.joined(separator: "\n")
    }
  }
}
