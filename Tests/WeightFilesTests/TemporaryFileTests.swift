import Foundation
import Support
import Testing

@testable import Archives

/// Outputs take their places at once, whoever writes beside, and whatever was left by whoever was ended.
@Suite struct TemporaryFileTests {
  static func write(
    _ text: String, to path: String, _ existing: TemporaryFile.Existing = .replace,
    isNamed: Bool = false
  ) throws {
    let file = try TemporaryFile(for: path, existing, isNamed: isNamed)
    try Array(text.utf8).withUnsafeBytes { try writeFully($0, to: file.descriptor, at: 0) }
    try file.commit()
  }

  static func read(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  static func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test(arguments: [false, true])
  func theOldOrTheNew(isNamed: Bool) async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + "o"
      try Self.write("one", to: path, .refuse, isNamed: isNamed)
      #expect(throws: Diagnostic.self) {
        try Self.write("two", to: path, .refuse, isNamed: isNamed)
      }
      #expect(try Self.read(path) == "one")
      try Self.write("two", to: path, .replace, isNamed: isNamed)
      #expect(try Self.read(path) == "two" && Self.names(folder) == ["o"])
      // Given up.
      do { _ = try TemporaryFile(for: path, .replace, isNamed: isNamed) }
      #expect(try Self.read(path) == "two" && Self.names(folder) == ["o"])
      // The new version is for those that the old one was for.
      #expect(chmod(path, 0o640) == 0)
      try Self.write("three", to: path, .replace, isNamed: isNamed)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o640)
    }
  }

  @Test func whatWasLeftGoesWithTheNextWrite() async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + "o"
      let left = TemporaryName.path(for: path)
      for isNamed in [false, true] {
        try Fixtures.write(Array("half".utf8), to: left)
        try Self.write("new", to: path, .replace, isNamed: isNamed)
        #expect(try Self.read(path) == "new" && Self.names(folder) == ["o"], "\(isNamed)")
      }
      // A name that is as long as a name can be, in letters of several bytes.
      let long = folder + String(repeating: "ü", count: 127)
      try Self.write("a", to: long, .replace, isNamed: true)
      try Self.write("b", to: long)
      #expect(try Self.read(long) == "b")
    }
  }

  @Test func twoWritersOfOneTarget() async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + "o"
      // Where files have names from the beginning, the second is refused while the first writes.
      let first = try TemporaryFile(for: path, .replace, isNamed: true)
      let error = #expect(throws: Diagnostic.self) {
        try TemporaryFile(for: path, .replace, isNamed: true)
      }
      #expect(error?.code == .cannotWrite && error?.message.contains("another process") == true)
      try first.commit()
      try Self.write("", to: path, .replace, isNamed: true)
      // Without names both write; each takes the place at once.
      try Parallel.forEach(count: 64, jobs: 8) { index in
        try Self.write(String(repeating: "\(index % 10)", count: 5000), to: path)
      }
      let text = try Self.read(path)
      #expect(text.count == 5000 && Set(text).count == 1)
      #expect(try Self.names(folder) == ["o"])
      // Of many that may not replace, one wins.
      let new = folder + "n"
      let won = try Parallel.map(count: 32, jobs: 8) { index in
        (try? Self.write("\(index)", to: new, .refuse)) != nil
      }
      #expect(won.count { $0 } == 1)
    }
  }
}
