public import ArgumentParser
import Datasets
import ModelGraph
public import Networks
import Reports
import Support
import Workbench
import Tensors

/// What the examples go through where a network reads them.
struct NormalizationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What the networks were trained behind: MEAN,…/DEVIATION,… with a number for each channel \
      (0.1307/0.3081; 0.4914,0.4822,0.4465/0.247,0.2435,0.2616), or imagenet, cifar10, cifar100, \
      mnist, fashion-mnist. Integer pixels are divided by 255 before; corruptions come before, too. \
      none: take the examples as they are, and do not try whether that is right.
      """, valueName: "mean/deviation"))
  var normalize: String?

  @Option(
    help: ArgumentHelp(
      """
      The loss: cross-entropy of classes, binary-cross-entropy (through a sigmoid at the network's end, \
      or of its outputs as logits), squared-error of labels that are numbers, and of the input itself \
      where there are no labels (default: what data and network say; it is told).
      """, valueName: "loss"))
  var loss: Loss?

  @Option(
    help: "How many tokens of a text, or of one long row, a network reads at once (default: 64).")
  var window: Int?

  /// Whether it was said, also that there is none.
  var isGiven: Bool { normalize != nil }

  func validate() throws {
    if let window, window < 2 { throw ValidationError("--window takes a number from 2 up.") }
    do { _ = try chosen() } catch let error as Diagnostic {
      throw ValidationError("\(error)")
    }
  }

  /// Refuses a normalisation of nothing.
  func check(data: String?) throws {
    if isGiven, data == nil { throw ValidationError("--normalize goes with --data.") }
    if loss != nil, data == nil { throw ValidationError("--loss goes with --data.") }
  }

  /// The normalisation; nil for none.
  ///
  /// - Throws: `Diagnostic` of code `usage` where the text is none.
  func chosen() throws -> ChannelNormalization? {
    guard let normalize, normalize.lowercased() != "none" else { return nil }
    do { return try ChannelNormalization(parsing: normalize) } catch let error as Diagnostic {
      throw error.inside("--normalize")
    }
  }

  /// What results keep of it.
  func record() throws -> NormalizationRecord? { try chosen().map { NormalizationRecord($0) } }

  /// A data set of that name with the normalisation.
  func reference(_ data: String) throws -> DataReference {
    DataReference(data, normalization: try chosen(), loss: loss, window: window)
  }

  /// The same, where a data set was named.
  func reference(_ data: String?) throws -> DataReference? { try data.map { try reference($0) } }

  /// A warning where a network does far better behind a normalisation, and none was said.
  ///
  /// What goes wrong while that is tried is no answer: the work itself says it better.
  func warnings(
    about file: String, _ graph: ModelGraph, _ weights: Weights, on examples: Dataset?, jobs: Int?
  ) -> [String] {
    guard !isGiven, let examples,
      let found = try? NormalizationTrial.run(graph, weights, on: examples, jobs: jobs)
    else { return [] }
    return [found.warning(about: file)]
  }
}

extension Loss: ExpressibleByArgument {
  /// The loss of a word of the command line.
  public init?(argument: String) {
    guard let loss = Loss.allCases.first(where: { $0.word == argument }) else { return nil }
    self = loss
  }

  /// All words.
  public static var allValueStrings: [String] { allCases.map(\.word) }
}

extension NormalizationTrial.Finding {
  /// The finding as a warning.
  func warning(about file: String) -> String {
    let seen: String
    switch evidence {
    case .statistics(let layer, let plain, let best):
      seen =
        "what \(layer) reads differs from its running statistics by "
        + "\(NumberFormat.fixed(plain, decimals: 2)) on the examples as they are, and by "
        + NumberFormat.fixed(best, decimals: 2)
    case .accuracy(let count, let plain, let best):
      seen =
        "of \(count) examples it is right on \(NumberFormat.percent(plain)) as they are, and on "
        + NumberFormat.percent(best)
    }
    return
      "\(file): it seems to be trained on normalised inputs: \(seen) with --normalize "
      + "\(normalization.name ?? normalization.description); give what it was trained with, or "
      + "--normalize none"
  }
}
