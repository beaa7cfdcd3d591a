import CFamilies
import Specs
import Support

/// The families that the tool knows, from the files that are compiled into it.
enum FamilyLibrary {
  /// A family by which files are recognised; the rest of its text is read when a file is of it.
  struct Member: Sendable {
    let file: String
    let head: FamilyHead
    fileprivate let text: String

    /// The whole description.
    func family() throws -> FamilyFile { try FamilyFile(text: text, place: file) }
  }

  /// The families, in the order of their files.
  static let members: [Member] = texts.compactMap { file, text in
    // A test reads each of them: one that cannot be read would be left out here.
    let head = text.firstRange(of: "\nsizes:").map { String(text[..<$0.lowerBound]) } ?? text
    guard let node = try? SpecNode(parsing: head, file: file), let read = try? FamilyHead(node)
    else {
      return nil
    }
    return Member(file: file, head: read, text: text)
  }

  /// The name and text of every file.
  static let texts: [(file: String, text: String)] = {
    (0..<Int(wsl_family_count())).compactMap { index in
      let entry = unsafe wsl_family(Int32(index))
      guard let name = unsafe entry.name, let bytes = unsafe entry.text else { return nil }
      let buffer = unsafe UnsafeBufferPointer(start: bytes, count: Int(entry.length))
      return unsafe (String(cString: name), String(decoding: buffer, as: UTF8.self))
    }
  }()
}

extension ModelGraph {
  /// The names of the families that the tool knows, in alphabetical order.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a description cannot be read.
  /// - Complexity: reads all descriptions.
  public static func knownFamilies() throws -> [String] {
    try FamilyLibrary.texts.map { try FamilyFile(text: $0.text, place: $0.file).head.name }.sorted()
  }
}
