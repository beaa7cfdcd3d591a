import ArgumentParser

/// Which of several networks in one file is meant.
struct PartOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Of a file that holds several networks (teacher and student, model and ema), take the one of \
      this name. '#NAME' after a path does the same for one file.
      """, valueName: "name"))
  var prefix: String?

  func validate() throws {
    if let prefix, prefix.isEmpty || prefix.contains("#") {
      throw ValidationError("--prefix takes the name of a network in the file, as 'teacher'.")
    }
  }

  /// A path, with the name behind it, where one was given.
  func path(_ path: String) -> String { prefix.map { "\(path)#\($0)" } ?? path }

  /// The path without the name.
  func plainPath(_ path: String) -> String {
    guard let prefix, path.hasSuffix("#" + prefix) else { return path }
    return String(path.dropLast(prefix.count + 1))
  }
}
