import Catalogs
import Support

/// The tensors of a file by the names that a family gives them: the file's may have words before them,
/// `transformer.`, `module.model.`.
struct FamilyTensorNames {
  /// What stands before the names of the family's own body, with its dot; empty where nothing does.
  let prefix: String
  /// The prefix and all shorter ones, down to none: a head stands outside the body.
  private let prefixes: [String]
  /// A word that names of the family begin with and those of the file do not.
  let missing: String
  private let entries: [String: TensorEntry]
  /// Every module that has tensors, itself or in modules below it.
  private let modules: Set<String>

  /// The most layers that are counted.
  private static let mostLayers = 100_000

  init(_ catalog: Catalog, prefix: String, missing: String = "") {
    self.missing = missing
    self.prefix = prefix
    var prefixes = [prefix]
    var words = prefix.split(separator: ".")
    while !words.isEmpty {
      words.removeLast()
      prefixes.append(words.map { $0 + "." }.joined())
    }
    self.prefixes = prefixes
    var entries: [String: TensorEntry] = [:]
    var modules: Set<String> = []
    for entry in catalog.tensors {
      let name = entry.name.replacing("/", with: ".")
      if entries[name] == nil { entries[name] = entry }
      var module = name[...]
      while let dot = module.lastIndex(of: ".") {
        module = module[..<dot]
        guard modules.insert(String(module)).inserted else { break }
      }
    }
    self.entries = entries
    self.modules = modules
  }

  /// What may stand before a tensor of a family, wherever the file has it.
  ///
  /// - Parameter names: the names of the file's tensors, with dots.
  static func prefixes(of name: String, in names: [String]) -> [String] {
    names.compactMap { own in
      guard own.hasSuffix(name) else { return nil }
      let rest = String(own.dropLast(name.count))
      return rest.isEmpty || rest.hasSuffix(".") ? rest : nil
    }
  }

  /// The name without the word that the file's names lack.
  private func plain(_ name: String) -> String {
    !missing.isEmpty && name.hasPrefix(missing) ? String(name.dropFirst(missing.count)) : name
  }

  /// The tensor of a name; nil where the file has none.
  subscript(name: String) -> TensorEntry? {
    let name = plain(name)
    for prefix in prefixes { if let entry = entries[prefix + name] { return entry } }
    return nil
  }

  /// Whether there is a tensor, or a module with tensors, of that name.
  func has(_ name: String) -> Bool {
    self[name] != nil || prefixes.contains { modules.contains($0 + plain(name)) }
  }

  /// The name of a module in the file.
  func module(_ name: String) -> String {
    let name = plain(name)
    for prefix in prefixes where modules.contains(prefix + name) { return prefix + name }
    return prefix + name
  }

  /// How many tensors or modules there are of a name with `#` for the number, from 0 on, or from 1 where
  /// there is none of number 0.
  ///
  /// - Throws: `Diagnostic` of code `badData` where numbers are missing between.
  func count(_ name: String) throws -> Int {
    guard let mark = name.firstIndex(of: "#") else { return has(name) ? 1 : 0 }
    let head = plain(String(name[..<mark]))
    let tail = String(name[name.index(after: mark)...])
    let first = has("\(head)0\(tail)") ? 0 : 1
    var end = first
    while end < Self.mostLayers, has("\(head)\(end)\(tail)") { end += 1 }
    let beyond = prefixes.lazy.flatMap { prefix in
      entries.keys.compactMap { key -> Int? in
        guard key.hasPrefix(prefix + head) else { return nil }
        let rest = key.dropFirst(prefix.count + head.count)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        let after = rest.dropFirst(digits.count)
        guard after == tail || after.hasPrefix(tail + ".") else { return nil }
        return Int(digits)
      }
    }.max()
    if let beyond, beyond >= end {
      throw Diagnostic(
        .badData,
        "the file has \(head)\(beyond)\(tail) and no \(head)\(end)\(tail): layers are missing")
    }
    return end - first
  }
}
