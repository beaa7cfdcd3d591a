import WorkbenchCore

/// A `.keras` file.
enum KerasArchive {
  static func open(_ file: OpenFile) throws -> Container {
    throw Diagnostic(.badData, "not built")
  }
}
