import ArgumentParser
import Catalogs
import Foundation
import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles
import Workbench

/// `wsl run`: the outputs of a network for examples of a file.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a network on examples and write its outputs.",
    discussion: """
      The examples are the one array of a .npy file, or an array of a .npz, .h5 or .safetensors file \
      (--array): one example, or several along the first axis. Texts are ids of tokens; images and \
      steps of features stand as the network reads them, which `inspect` shows. The outputs are \
      written in Float32, along the same first axis. Examples:
        wsl run model.safetensors --input ids.npy -o logits.npy
        wsl run folder --input batch.npz --array x -o outputs.npy
        wsl run vad.onnx --assume sr=16000 --input input=wave.npy --input state=zeros.npy -o p.npy
      """)

  @Argument(help: "The network.", completion: .file())
  var model: String

  @Option(
    help: ArgumentHelp(
      "The examples; NAME=FILE for each input where the network has several.", valueName: "file"),
    completion: .file())
  var input: [String]

  @Option(help: "The name of the array in the file of examples.")
  var array: String?

  @Option(name: [.short, .long], help: "Where to write, as .npy.", completion: .file())
  var output: String

  @Flag(help: "Replace the output where it exists.")
  var force = false

  @OptionGroup var stated: GraphOptions
  @OptionGroup var part: PartOptions
  @OptionGroup var workers: JobOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var shown: OutputOptions

  mutating func validate() throws { model = part.path(model) }

  func run() async throws {
    try OutputPath.check(output, inputs: [model] + input, overwrites: force)
    let loaded = try await LoadedModel.load(
      model, statement: stated.statement, jobs: workers.jobs, maxMemory: memory.limit())
    let inputs = try NetworkInputs(try await examples(loaded.graph), of: loaded.graph)
    let count = inputs.count
    let network: Network
    do {
      network = try Network(
        graph: inputs.graph, weights: loaded.weights, batchSize: max(1, min(count, 64)),
        jobs: workers.jobs)
    } catch let error as Diagnostic {
      throw error.inside(model)
    }
    let outputs = try network.forward(inputs.values, count: count)
    let bytes = outputs.flatMap { value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    var contents = ModelContents()
    contents.add(
      "array", shape: (inputs.isOne ? [] : [count]) + network.outputShape, as: .float32,
      bytes: { bytes })
    try contents.write(to: output, WritingOptions(overwrites: force, jobs: workers.jobs))
    var warnings = loaded.graph.assumptions.map { "\(model): \($0.warning)" }
    if let first = loaded.graph.outputs.first, loaded.graph.outputs.count > 1 {
      warnings.append(
        "\(model): of \(loaded.graph.outputs.count) outputs the first, "
          + "\(loaded.graph.layers[first].name), is written")
    }
    shown.warn(warnings)
    let result = RunResult(
      model: model, examples: count, inputShape: inputs.exampleShape,
      outputShape: network.outputShape,
      output: output, warnings: warnings)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      let size = result.outputShape.map(String.init).joined(separator: "×")
      Terminal.print(
        "\(count) \(count == 1 ? "example" : "examples"), outputs of \(size): \(output)")
    }
  }

  /// The arrays of all files. `NAME=FILE` says which input a file is for, where there are several.
  private func examples(_ graph: ModelGraph) async throws -> [NetworkInputs.Array] {
    let names = graph.layers.filter { $0.operation == .input }.map(\.name)
    var arrays: [NetworkInputs.Array] = []
    for argument in input {
      let name = names.first { argument.hasPrefix("\($0)=") }
      let path = name.map { String(argument.dropFirst($0.count + 1)) } ?? argument
      let (shape, values) = try await tensor(path)
      arrays.append(NetworkInputs.Array(input: name, file: path, shape: shape, values: values))
    }
    return arrays
  }

  private func tensor(_ path: String) async throws -> (shape: [Int], values: [Float]) {
    let file = try await WeightFile.open(path)
    let names = file.catalog.tensors.map(\.name)
    guard let name = array ?? (names.count == 1 ? names[0] : nil), names.contains(name) else {
      throw Diagnostic(
        .usage, "the file holds the arrays \(names.joined(separator: ", "))", at: [path],
        remedy: "name one of them with --array")
    }
    guard let tensor = try file.read([name], jobs: workers.jobs)[name] else {
      throw Diagnostic(.badData, "this array cannot be read", at: [path, name])
    }
    return (tensor.shape, tensor.values)
  }
}

/// What `wsl run --json` prints.
struct RunResult: Encodable {
  var model: String
  var examples: Int
  var inputShape: [Int]
  var outputShape: [Int]
  var output: String
  var warnings: [String]
}
