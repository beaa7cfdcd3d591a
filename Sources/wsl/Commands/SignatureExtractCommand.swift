import ArgumentParser
import Datasets
import Foundation
import Signatures
import Support
import WeightFiles

/// `wsl signature extract`: a signature from three networks.
struct SignatureExtractCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract",
    abstract: "Extract the signature of a robust network.",
    discussion: """
      The standard and the robust network were both fine-tuned from the pretrained one, on clean and \
      on corrupted data. The signature is an HDF5 file: `codes` and `manifest` (JSON). Signs that the \
      three were exchanged are told; exit code 2 where nothing is left of the robust one's way after \
      the projection. Examples:
        wsl signature extract --pretrained p.h5 --standard s.h5 --robust fog.h5 \\
          -o fog.rws.h5
        wsl signature extract --pretrained p.h5 --standard s.h5 --robust fog.h5 \\
          --layers first:4 --levels 8 --corruption fog:3 --sign key.pem -o fog.rws.h5
        wsl signature extract --pretrained p.h5 --standard s.h5 --robust fog.h5 \\
          --layers auto --data digits --corruption gaussian-noise:5 -o noise.rws.h5
      """)

  @Option(help: "The network that both others were fine-tuned from.", completion: .file())
  var pretrained: String

  @Option(help: "The network that was fine-tuned on clean data.", completion: .file())
  var standard: String

  @Option(help: "The network that was fine-tuned on corrupted data.", completion: .file())
  var robust: String

  @Option(name: [.short, .long], help: "Write the signature to this file.", completion: .file())
  var output: String

  @Option(
    help: "The name under which it stands in a stack (default: the robust network's file name).")
  var name: String?

  @Option(
    help: ArgumentHelp(
      "What the robust network was trained against, for the record and for --layers auto.",
      valueName: "type[:severity]"))
  var corruption: String?

  @Option(
    help: "The first constant of the corruption for --layers auto, in its own unit (data list).")
  var corruptionStrength: Double?

  @Option(help: "Whose severities --layers auto means: cifar or mnist.")
  var corruptionScale: CorruptionOptions.ScaleChoice = .cifar

  @Option(
    help: ArgumentHelp(
      """
      first:K (counted by kernels from the input), all, a pattern of names (conv*), or auto: the \
      smallest K whose patch reaches 90 % of the gain of all layers on --data.
      """, valueName: "choice"))
  var layers = "all"

  @Option(help: ArgumentHelp("2 to 256 levels with an exact zero, or none.", valueName: "number"))
  var levels = "8"

  @Flag(
    inversion: .prefixedNo,
    help: "Whether the direction of standard training is projected out.")
  var projection = true

  /// What becomes of normalisations.
  enum Normalization: String, ExpressibleByArgument, CaseIterable {
    case replace, none
  }

  @Option(
    help: """
      Whether parameters and statistics of the chosen layers' normalisations are taken over from the \
      robust network, as records of their own, or left out.
      """)
  var normalization: Normalization = .replace

  @Option(help: "Data for --layers auto: digits, an HDF5 or .npz file, or a folder.")
  var data: String?

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions

  @Option(
    help: "The part of --data that --layers auto chooses by; test is for those who report another.")
  var split: DataSource.Split = .train

  @Option(help: "Use only so many examples, the first ones.")
  var limit: Int?

  @Option(
    help: ArgumentHelp("Sign with this private key of Ed25519 (PEM).", valueName: "key"),
    completion: .file())
  var sign: String?

  @Option(help: "The seed of the corruption that --layers auto draws; it stands in the file.")
  var seed: UInt64 = 0

  @OptionGroup(title: "The network") var stated: GraphOptions

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  mutating func validate() throws {
    (pretrained, standard, robust) = (
      part.path(pretrained), part.path(standard), part.path(robust)
    )
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
    if layers == "auto", data == nil || corruption == nil {
      throw ValidationError("--layers auto needs --data and --corruption.")
    }
    if layers != "auto",
      data != nil || limit != nil || corruptionStrength != nil || normalizing.isGiven
    {
      throw ValidationError(
        "--data, --normalize, --limit and --corruption-strength go with --layers auto.")
    }
  }

  func run() async throws {
    let inputs = [pretrained, standard, robust]
    try OutputPath.check(output, inputs: inputs + [sign].compactMap { $0 }, overwrites: force)
    _ = try memory.limit()
    let key = try sign.map { try SigningKey(.private, contentsOf: $0) }
    var options = try options()
    let files = try await open(inputs)
    var choice: AutomaticLayers.Choice?
    var warnings: [String] = []
    if layers == "auto" {
      let (found, said) = try await automaticLayers(files, options)
      warnings = said
      options.layers = .first(found.count)
      choice = found
    }
    let findings = try SignatureExtraction.findings(
      pretrained: files[0], standard: files[1], robust: files[2], options: options)
    var signature = findings.signature
    if let key { signature = try signature.sealed(with: key) }
    try signature.write(to: output, overwrites: force, inputs: files)
    var result = try SignatureResult(
      signature, file: output, choice: choice, isOwn: key != nil, directions: findings.directions)
    if choice != nil { result.normalization = try normalizing.record() }
    try result.take(
      SignatureExtraction.pairings(
        pretrained: files[0], standard: files[1], robust: files[2],
        statement: stated.statement),
      with: [standard, robust])
    result.warnings += warnings
    result.warnings += findings.doubts.filter { doubt in
      // Said already.
      if case .sameWay = doubt { !result.addsNothing } else { true }
    }.map(\.sentence)
    shown.warn(result.warnings)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text + "\n\nwritten: \(output.escapingControlCharacters)")
    }
    if result.addsNothing { throw ExitCode(2) }
  }

  private func open(_ paths: [String]) async throws -> [WeightFile] {
    var files: [WeightFile] = []
    for path in paths { files.append(try await WeightFile.open(path)) }
    return files
  }

  private func options() throws -> SignatureExtraction.Options {
    let stem = ((part.plainPath(robust) as NSString).lastPathComponent as NSString)
      .deletingPathExtension
    var options = SignatureExtraction.Options(
      name: name ?? stem, layers: layers == "auto" ? .all : try LayerChoice(parsing: layers))
    options.corruption = try corruption.map(SignatureManifest.Corruption.init(parsing:))
    options.projects = projection
    guard let count = Int(levels) ?? (levels == "none" ? 0 : nil), levels == "none" || count != 0
    else {
      throw Diagnostic(
        .usage, "--levels takes a number from 2 to 256, or none, not \"\(levels)\"",
        remedy: "for example: --levels 8")
    }
    options.levels = levels == "none" ? nil : count
    options.takesNormalization = normalization == .replace
    options.seed = seed
    options.tool = "wsl \(Workbench.version)"
    options.statement = stated.statement
    options.jobs = workers.jobs
    return options
  }
}

extension SignatureManifest.Corruption {
  /// Reads `fog` or `fog:3`.
  init(parsing text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let severity = parts.count == 2 ? Int(parts[1]) : nil
    guard let type = parts.first, !type.isEmpty, parts.count <= 2,
      parts.count == 1 || (severity.map { (1...5).contains($0) } ?? false)
    else {
      throw Diagnostic(
        .usage, "\"\(text)\" is no corruption", remedy: "give a type, or one and 1 to 5: fog:3")
    }
    self.init(type: type, severity: severity)
  }
}
