import ArgumentParser
import Datasets
import Foundation
import Networks
import Support
import WeightFiles
import Workbench

/// `wsl signature study`: the claims about robust weight signatures, in a zoo.
struct SignatureStudyCommand: AsyncParsableCommand, InterruptedCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Test the claims about signatures in a zoo of fine-tunes.",
    discussion: """
      Takes a zoo of fine-tunes of one network (zoo-specs/rws-digits.yaml) and measures where in the \
      network robustness lies, whether signatures tell the corruption, transfer, scale, compose, fit \
      into few levels and can be taken out again. Every claim stands beside its threshold; what \
      misses it is reported as it is. Exit code 2 tells that a claim was missed. Example:
        wsl zoo build zoo-specs/rws-digits.yaml -o rws
        wsl signature study rws -o study.md --plot sweep.svg
      """)

  @Argument(help: "The folder of the zoo.", completion: .directory)
  var zoo: String

  @Option(help: "The data (default: what the models were trained on).")
  var data: String?

  @OptionGroup(title: "The data") var normalizing: NormalizationOptions

  @Option(help: "Use only so many test images, the first ones.")
  var limit: Int?

  @Option(help: "How many layers a patch has where their number is not what varies.")
  var layers = 4

  @Option(help: "The seed of the corrupted test images.")
  var seed: UInt64 = 0

  @Option(name: [.short, .long], help: "Write the study to this page: .md, .html, or .ipynb.")
  var output: String?

  @Option(help: "Draw the sweep over α and K here (SVG, with CSV and Vega-Lite beside it).")
  var plot: String?

  @Flag(help: "Replace the outputs where they exist.")
  var force = false

  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  var interruption: Interruption.Outcome { plot == nil ? .nothing : .someFiles }

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1 up.") }
    if layers < 1 { throw ValidationError("--layers takes a number from 1 up.") }
  }

  func run() async throws {
    let begun = ContinuousClock.now
    try output.map(PageFile.check)
    if let output { try OutputPath.check(output, inputs: [], overwrites: force) }
    if let plot { try FigureFiles.check(plot, inputs: [], overwrites: force) }
    let models = try await StudyZoo.load(zoo, jobs: workers.jobs)
    var examples = try await normalizing.reference(data ?? models.data).load(split: .test)
    if let limit { examples = examples.prefix(limit) }
    try examples.requireClasses()
    let progress = ProgressLine(quiet: shown.quiet)
    let study = try SignatureStudy(
      zoo: models, data: examples, layerCount: layers, seed: seed, jobs: workers.jobs,
      progress: progress.handler)
    let findings = try await study.findings(progress: progress.handler)
    progress.finish()
    var result = SignatureStudyResult(
      study, findings, zoo: zoo, examples: examples.count, seed: seed,
      seconds: (ContinuousClock.now - begun) / .seconds(1))
    result.normalization = try normalizing.record()
    if let output {
      try PageFile.write(result.page, to: output, overwrites: force)
    }
    if let plot { try FigureFiles.write(result.chart, to: plot, overwrites: force) }
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text)
    }
    if !result.claims.allSatisfy(\.holds) { throw ExitCode(2) }
  }
}
