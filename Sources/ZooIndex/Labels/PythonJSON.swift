import Support

/// JSON as Python writes it: its `json` module writes NaN and the infinities as bare words, which JSON
/// does not have. They become null.
enum PythonJSON {
  /// Parses a document.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is not JSON apart from that.
  static func parse(_ bytes: some Collection<UInt8>) throws -> JSONValue {
    do { return try JSONValue(parsing: bytes) } catch let error as Diagnostic {
      guard let plain = withoutWords(Array(bytes)) else { throw error }
      return try JSONValue(parsing: plain)
    }
  }

  /// The document with null in place of such words; nil where it has none.
  private static func withoutWords(_ bytes: [UInt8]) -> [UInt8]? {
    let words = ["-Infinity", "Infinity", "NaN"].map { Array($0.utf8) }
    var result: [UInt8] = []
    var (place, isQuoted, hasWord) = (0, false, false)
    while place < bytes.count {
      let rest = bytes[place...]
      if !isQuoted, let word = words.first(where: rest.starts) {
        result += Array("null".utf8)
        place += word.count
        hasWord = true
        continue
      }
      result.append(bytes[place])
      if bytes[place] == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted, bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count {
        place += 1
        result.append(bytes[place])
      }
      place += 1
    }
    return hasWord ? result : nil
  }
}
