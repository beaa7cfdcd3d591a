import ArgumentParser
import ModelGraph
import Workbench

/// What the user states about a network that its file does not.
struct GraphOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A YAML file that describes the network, where the file does not.", valueName: "file"),
    completion: .file())
  var graph: String?

  @Option(
    help: ArgumentHelp(
      "A YAML file that describes the family that the network is of; docs/families.md says how.",
      valueName: "file"),
    completion: .file())
  var family: String?

  @Option(
    help: ArgumentHelp(
      "Settle what a file of weights alone leaves open; may be repeated.",
      discussion: """
        row: the layers follow one another, without shortcuts, branches, repeated or transposed \
        layers. layer-norm, batch-norm, instance-norm: what scales without statistics belong to. \
        zeros-around, zeros-after: where a shortcut without weights puts its zeros. Or the hidden \
        activation: relu, leaky-relu, elu, selu, gelu, silu, tanh, sigmoid, softplus, linear. \
        heads=N: how many heads attention has. Of an input of an ONNX model on which the graph \
        depends: INPUT=NUMBER, such as sr=16000, or INPUT=[LENGTHS], such as audio=[1,512].
        """, valueName: "reading"))
  var assume: [String] = []

  func validate() throws {
    guard graph == nil || family == nil else {
      throw ValidationError("--graph describes the whole network, so that --family says nothing.")
    }
    for word in assume where Reading(word: word) == nil {
      throw ValidationError(
        "--assume takes one of \(Reading.allWords.joined(separator: ", ")), not '\(word)'.")
    }
  }

  /// The same for the library.
  var statement: GraphStatement {
    GraphStatement(
      file: graph, family: family, readings: Set(assume.compactMap(Reading.init)))
  }
}

extension Assumption {
  /// The assumption as a warning, with the option that settles it.
  var warning: String {
    var text = statement
    if effect == .held {
      text += "; the units of \(layers.joined(separator: ", ")) stay in place"
    }
    guard !settledBy.isEmpty, effect != .running || subject == .activation else { return text }
    let words = settledBy.map { "--assume \($0.word)" }.joined(separator: ", ")
    return text + " (\(words) or --graph settles it)"
  }
}

extension FileAssumption {
  /// The assumption as a warning about its files.
  var warning: String { "\(file): \(assumption.warning)" }
}
