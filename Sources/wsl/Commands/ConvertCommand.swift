import ArgumentParser
import Support
import WeightFiles

/// `wsl convert`: the same model in another format.
struct ConvertCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a model in another format.",
    discussion: """
      The name of the output tells the format: .h5, .safetensors, .npz, .npy, each also with .zst or \
      .gz; a .keras file also becomes another .keras. Types, names, order, attributes and metadata \
      survive there and back. Examples:
        wsl convert model.h5 -o model.safetensors
        wsl convert model.safetensors -o model.h5 --compression zstd:1
        wsl convert model.pt -o model.safetensors.zst
        wsl convert model.h5 -o small.h5 --narrow
      """)

  @Argument(help: "The model.", completion: .file())
  var input: String

  @Option(name: [.short, .long], help: "Write to this file.", completion: .file())
  var output: String

  @Option(
    help: """
      none, gzip:LEVEL or zstd:LEVEL. In .h5 and .keras, chunks are shuffled and compressed; .npz takes gzip.
      """)
  var compression = "none"

  @Flag(
    help: """
      Store Float32 tensors as BF16 or F16 where every element is such a value. Nothing is rounded.
      """)
  var narrow = false

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup(title: "The network") var part: PartOptions
  @OptionGroup(title: "The machine and the output") var memory: StreamOptions
  @OptionGroup(title: "The machine and the output") var workers: JobOptions
  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  mutating func validate() throws { input = part.path(input) }

  func run() async throws {
    let format = try OutputFormat(path: output)
    let memory = try memory.limit()
    let options = WritingOptions(
      compression: try CompressionOption(parsing: compression), overwrites: force,
      jobs: workers.jobs, budget: memory.budget, isStrict: memory.isStrict)
    try OutputPath.check(output, inputs: [input], overwrites: force)
    let file = try await WeightFile.open(input)
    var contents = try ModelContents(file)
    let narrowing: ModelContents.Narrowing
    if narrow {
      narrowing = try contents.narrow(options)
      try contents.write(to: output, options, inputs: [file])
    } else {
      let watch = contents.watchForNarrowing()
      try contents.write(to: output, options, inputs: [file])
      narrowing = watch.findings
    }
    let result = ConvertResult(
      input: file.catalog, output: output, format: format, compression: options.compression,
      contents: contents, narrowing: narrowing, isNarrowed: narrow)
    shown.warn(result.notes)
    if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
  }
}
