import ArgumentParser
import Catalogs
import Foundation
import Matching
import Signatures
import Support
import WeightFiles
import Workbench

/// `wsl patch`: signatures onto a model, and off again.
struct PatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "patch",
    abstract: "Add signatures to a model, change their strength, take them off again bit for bit.",
    discussion: """
      The output is a copy of the model's file in which only the patched tensors changed, so whatever \
      loaded the model loads it. It carries its stack of patches and what is needed to undo each; \
      .pt, .npz, .npy, .onnx and .gguf have that in a file OUT.rws beside them. Examples:
        wsl patch model.h5 --rws fog.rws.h5 -o robust.h5
        wsl patch model.h5 --rws fog.rws.h5@0.7 --rws noise.rws.h5@0.7 -o robust.h5
        wsl patch robust.h5 --list
        wsl patch robust.h5 --scale fog=0.5 --in-place
        wsl patch robust.h5 --remove fog -o without-fog.h5
        wsl patch other.h5 --rws fog.rws.h5 --align standard.h5 -o other-robust.h5
      """)

  @Argument(help: "The model.", completion: .file())
  var model: String

  @Option(
    name: .customLong("rws"),
    help: ArgumentHelp(
      "Add this signature, so strongly (default: 1); may be repeated.", valueName: "sig[@alpha]"),
    completion: .file())
  var signatures: [String] = []

  @Option(
    name: .customLong("remove"),
    help: ArgumentHelp("Take the signature of this name off; may be repeated.", valueName: "name"))
  var removed: [String] = []

  @Option(
    name: .customLong("scale"),
    help: ArgumentHelp(
      "Apply the signature of this name so strongly; may be repeated.", valueName: "name=alpha"))
  var scaled: [String] = []

  @Flag(help: "List the stack, and change nothing.")
  var list = false

  @Option(name: [.short, .long], help: "Write the model to this file.", completion: .file())
  var output: String?

  @Flag(help: "Replace the model itself, at once, when all went well.")
  var inPlace = false

  @Flag(help: "Check everything and tell what would be done; write nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      """
      Line the model's units up with those of this network, the signatures' standard or pretrained \
      one, and patch it in its own arrangement.
      """, valueName: "network"), completion: .file())
  var align: String?

  @Option(
    help: ArgumentHelp(
      """
      A public key of Ed25519 (PEM): tell which signatures its owner signed, and add none that he did \
      not.
      """, valueName: "file"), completion: .file())
  var key: String?

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup(title: "Matching") var matching: MatchingOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var memory: MemoryOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func validate() throws {
    let changes = signatures.count + removed.count + scaled.count
    if list, changes > 0 || output != nil || inPlace || dryRun {
      throw ValidationError("--list goes alone.")
    }
    if !list, changes == 0 {
      throw ValidationError("Nothing to do: give --rws, --remove, --scale or --list.")
    }
    if output != nil, inPlace {
      throw ValidationError("--output and --in-place exclude each other.")
    }
    if !list, !dryRun, output == nil, !inPlace {
      throw ValidationError("Give --output, or --in-place.")
    }
    if align != nil, signatures.isEmpty { throw ValidationError("--align goes with --rws.") }
    if matching.method.needsData {
      throw ValidationError("--align goes by weights: --method weights or frank-wolfe.")
    }
    _ = try scales()
  }

  /// The strengths of `--scale`.
  private func scales() throws -> [(name: String, alpha: Double)] {
    try scaled.map { text in
      guard let sign = text.lastIndex(of: "="),
        let alpha = Double(text[text.index(after: sign)...]), alpha.isFinite,
        sign > text.startIndex
      else { throw ValidationError("--scale takes NAME=ALPHA, such as fog=0.5.") }
      return (String(text[..<sign]), alpha)
    }
  }

  /// A signature's path and its strength. A path may hold an `@` of its own.
  static func strength(_ text: String) throws -> (path: String, alpha: Double) {
    guard let sign = text.lastIndex(of: "@") else { return (text, 1) }
    let (path, number) = (String(text[..<sign]), text[text.index(after: sign)...])
    if let alpha = Double(number), alpha.isFinite { return (path, alpha) }
    if FileManager.default.fileExists(atPath: path),
      !FileManager.default.fileExists(atPath: text)
    {
      throw Diagnostic(
        .usage, "'\(number)' is no strength", at: [text],
        remedy: "give a number behind the @: --rws \(path)@0.7")
    }
    return (text, 1)
  }

  func run() async throws {
    let begin = ContinuousClock.now
    _ = try memory.limit()
    let key = try self.key.map { try SigningKey(.public, contentsOf: $0) }
    let file = try await WeightFile.open(model)
    if list {
      return try show(PatchResult(listing: try PatchStack.of(file), file: model, key: key))
    }
    let sources = try signatures.map(Self.strength)
    if let other = sources.first, file.catalog.isSignature {
      throw Diagnostic(
        .usage, "this is a signature, and the model comes first", at: [model],
        remedy: "wsl patch \(other.path) --rws \(model) …")
    }
    if let output { try OutputPath.checkEnding(output, copyOf: file.catalog) }
    if let output, !dryRun {
      try OutputPath.check(
        output, copyOf: file, inputs: [model] + sources.map(\.path) + [align].compactMap { $0 },
        overwrites: force)
    }
    var edits: [PatchEdit] = removed.map(PatchEdit.remove)
    edits += try scales().map { PatchEdit.scale($0.name, alpha: $0.alpha) }
    let architecture = try Architecture(file, statement: matching.statement)
    let alignment = try await self.alignment(of: file)
    for source in sources {
      let signature = try await Signature.read(source.path)
      if let key, try !signature.isSealed(by: key) {
        throw Diagnostic(
          .badData, "it is not signed by that key, or was changed since", at: [source.path],
          remedy: "give the key of who signed it, or leave --key out")
      }
      if let alignment {
        let moved = try alignment.arranged(signature)
        edits.append(.add(moved.signature, alpha: source.alpha, aligned: moved.names))
      } else {
        edits.append(.add(signature, alpha: source.alpha))
      }
    }
    let plan = try PatchPlan(file, edits: edits, architecture: architecture)
    var stack: PatchStack?
    if !dryRun {
      stack = try await write(plan)
    }
    try show(
      PatchResult(
        plan, stack: stack, originals: try originals(plan, stack),
        output: dryRun ? nil : output ?? model, removed: removed,
        alignment: alignment, key: key, seconds: (ContinuousClock.now - begin) / .seconds(1)))
  }

  /// The digests before any patch: what was written tells them, and a dry run looks as well, so that both
  /// say the same of the model.
  private func originals(_ plan: PatchPlan, _ stack: PatchStack?) throws -> [String: String] {
    guard let stack else { return try plan.originalDigests(jobs: workers.jobs) }
    return Dictionary(
      stack.tensors.map { ($0.name, $0.original) }, uniquingKeysWith: { first, _ in first })
  }

  /// How the model's units correspond to those of the network that `--align` names.
  private func alignment(of file: WeightFile) async throws -> PatchAlignment? {
    guard let align else { return nil }
    let progress = ProgressLine(quiet: shown.quiet)
    defer { progress.finish() }
    return try await PatchAlignment(
      file, with: align, statement: matching.statement, jobs: workers.jobs
    ) { try matching.match($0, jobs: workers.jobs, progress: progress.handler) }
  }

  private func write(_ plan: PatchPlan) async throws -> PatchStack? {
    let tool = "wsl \(Workbench.version)"
    if let output {
      return try await plan.write(
        to: output, tool: tool, overwrites: force, jobs: workers.jobs)
    }
    // Through links, so that they go on leading to it.
    return try await plan.write(
      to: (model as NSString).resolvingSymlinksInPath, tool: tool, overwrites: true, inPlace: true,
      jobs: workers.jobs)
  }

  private func show(_ result: PatchResult) throws {
    shown.warn(result.warnings)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
  }
}
