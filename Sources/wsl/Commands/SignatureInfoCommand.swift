import ArgumentParser
import Signatures
import Support

/// `wsl signature info`: what a signature is.
struct SignatureInfoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show what a signature holds, tensor by tensor.")

  @Argument(help: "The signature.", completion: .file())
  var signature: String

  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func run() async throws {
    let result = try SignatureResult(try await Signature.read(signature), file: signature)
    shown.warn(result.warnings)
    try ResultPrinter.show(result, as: shown, result.text)
  }
}

/// `wsl signature verify`: whether a signature is whole, and whose it is.
struct SignatureVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a signature's codes and who signed it.",
    discussion: """
      Exit code 2 where it is not signed by that key. Examples:
        wsl signature verify fog.rws.h5 --key key.pub
      """)

  @Argument(help: "The signature.", completion: .file())
  var signature: String

  @Option(
    help: ArgumentHelp("The public key of Ed25519 (PEM).", valueName: "file"), completion: .file())
  var key: String

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func run() async throws {
    let key = try SigningKey(.public, contentsOf: key)
    let found = try await Signature.read(signature)
    let result = try SignatureVerification(found, file: signature, key: key)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
    if !result.valid { throw ExitCode(2) }
  }
}

/// `wsl signature compare`: how alike signatures are.
struct SignatureCompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare signatures: cosines, nearest neighbours, tensor by tensor.",
    discussion: """
      Signatures of one corruption are alike, also across seeds and label sets. Examples:
        wsl signature compare fog-0.rws.h5 fog-1.rws.h5 noise-0.rws.h5
        wsl signature compare *.rws.h5 --json
        wsl signature compare *.rws.h5 --plot cosines.svg
      """)

  @Argument(help: "The signatures, two or more.", completion: .file())
  var signatures: [String]

  @Option(
    help: ArgumentHelp(
      "Draw the cosines: an SVG picture, and its numbers as CSV and Vega-Lite.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Replace files of --plot where they exist.")
  var force = false

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func validate() throws {
    if signatures.count < 2 { throw ValidationError("Two signatures or more are compared.") }
  }

  func run() async throws {
    if let plot { try FigureFiles.check(plot, inputs: signatures, overwrites: force) }
    var found: [Signature] = []
    for path in signatures { found.append(try await Signature.read(path)) }
    let comparison = try SignatureComparison(found, jobs: workers.jobs)
    let result = SignatureCompareResult(comparison, found, files: signatures)
    if let plot { try FigureFiles.write(result.chart, to: plot, overwrites: force) }
    shown.warn(result.warnings)
    if try ResultPrinter.show(result, as: shown, result.text), let plot {
      Terminal.print("written: \(plot.escapingControlCharacters)")
    }
  }
}
