/// What stands behind the question mark of an address: names and values in order; a name may stand more
/// than once.
public struct Query: Sendable {
  /// The names and values.
  public private(set) var items: [(name: String, value: String)]

  /// Makes one of names and values.
  public init(_ items: [(name: String, value: String)] = []) { self.items = items }

  /// Reads one as forms send it.
  public init(parsing text: some StringProtocol) {
    items = text.split(separator: "&").map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        String(parts[0]).percentDecoded(isForm: true),
        parts.count > 1 ? String(parts[1]).percentDecoded(isForm: true) : ""
      )
    }
  }

  /// The first value of a name that is not empty; nil where there is none.
  public subscript(name: String) -> String? {
    items.first { $0.name == name && !$0.value.isEmpty }?.value
  }

  /// All values of a name that are not empty, each once; a value may list several with commas.
  func list(_ name: String) -> [String] {
    var seen: Set<String> = []
    return all(name).flatMap { $0.split(separator: ",").map(String.init) }
      .filter { seen.insert($0).inserted }
  }

  /// All values of a name that are not empty, each once.
  func all(_ name: String) -> [String] {
    var seen: Set<String> = []
    return items.filter { $0.name == name && !$0.value.isEmpty }.map(\.value)
      .filter { seen.insert($0).inserted }
  }

  /// The same without some names.
  func without(_ names: String...) -> Query {
    Query(items.filter { !names.contains($0.name) })
  }

  /// The same with one value of a name; nil takes the name out.
  func setting(_ name: String, _ value: String?) -> Query {
    Query(without(name).items + (value.map { [(name, $0)] } ?? []))
  }

  /// The address of a page with this question.
  public func address(_ path: String) -> String {
    let filled = items.filter { !$0.value.isEmpty }
    if filled.isEmpty { return path }
    return path + "?"
      + filled.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
      .joined(separator: "&")
  }
}
