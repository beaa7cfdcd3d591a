import Support

/// What standard output has under `--json` where a command fails: the line of standard error, in parts.
struct ErrorResult: Encodable {
  struct Body: Encodable {
    /// The kind: `usage`, `badData`, `noInput`, `cannotWrite`, `interrupted`, `failed`.
    var code: String
    var exitCode: Int32
    var message: String
    /// The file, then the tensor or layer in it; outermost first.
    var `where`: [String]
    @OrNull var remedy: String?
  }

  var error: Body

  init(_ error: Diagnostic) {
    self.error = Body(
      code: "\(error.code)", exitCode: error.code.exitCode, message: error.message,
      where: error.location, remedy: error.remedy?.description)
  }

  /// Prints an error as JSON where JSON was asked for, and nothing was printed yet.
  static func printIfAsked(_ error: Diagnostic, arguments: [String] = CommandLine.arguments) {
    let words = arguments.dropFirst().prefix { $0 != "--" }
    guard words.contains("--json") || words.contains("--json-lines"), !Terminal.hasResults else {
      return
    }
    try? ResultPrinter.printJSON(ErrorResult(error))
  }
}
