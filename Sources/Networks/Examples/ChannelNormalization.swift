import Support

/// What a network's examples went through in training: for each channel a mean that is subtracted and a
/// deviation that is divided by, after integer pixels were divided by 255.
public struct ChannelNormalization: Sendable, Hashable {
  /// The name of a well-known one: `cifar10`.
  public var name: String?
  /// What is subtracted: a number for each channel, or one for all.
  public var means: [Float]
  /// What is divided by; as many as means.
  public var deviations: [Float]

  /// The well-known ones, in the order of help texts.
  public static let presets: [ChannelNormalization] = [
    .init(
      name: "imagenet", means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225]),
    .init(
      name: "cifar10", means: [0.4914, 0.4822, 0.4465], deviations: [0.2470, 0.2435, 0.2616]),
    .init(
      name: "cifar100", means: [0.5071, 0.4867, 0.4408], deviations: [0.2675, 0.2565, 0.2761]),
    .init(name: "mnist", means: [0.1307], deviations: [0.3081]),
    .init(name: "fashion-mnist", means: [0.2860], deviations: [0.3530]),
  ]

  package init(name: String? = nil, means: [Float], deviations: [Float]) {
    self.name = name
    self.means = means
    self.deviations = deviations
  }

  /// Reads a name, or means and deviations: `0.5/0.5`, `0.4914,0.4822,0.4465/0.2470,0.2435,0.2616`.
  ///
  /// - Throws: `Diagnostic` of code `usage`.
  public init(parsing text: String) throws {
    if let preset = Self.presets.first(where: { $0.name == text.lowercased() }) {
      self = preset
      return
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let lists = parts.map { part in
      part.split(separator: ",", omittingEmptySubsequences: false).map { word in
        Float(word.filter { !$0.isWhitespace })
      }
    }
    let numbers = lists.map { $0.compactMap { $0 } }
    guard lists.count == 2, zip(lists, numbers).allSatisfy({ $0.count == $1.count }) else {
      let names = Self.presets.compactMap(\.name).joined(separator: ", ")
      throw Diagnostic(
        .usage, "\"\(text)\" is no normalisation",
        remedy: "give MEAN,…/DEVIATION,… with a number for each channel, or \(names)")
    }
    guard numbers[0].count == numbers[1].count, !numbers[0].isEmpty else {
      throw Diagnostic(
        .usage,
        "\"\(text)\" has \(numbers[0].count) means and \(numbers[1].count) deviations",
        remedy: "give one of each for every channel")
    }
    guard numbers.joined().allSatisfy(\.isFinite), numbers[1].allSatisfy({ $0 > 0 }) else {
      throw Diagnostic(
        .usage, "\"\(text)\" has a deviation that is not above 0, or a number that is not finite")
    }
    self.init(means: numbers[0], deviations: numbers[1])
  }

  /// Means, a stroke, and deviations, as they are given.
  public var description: String {
    [means, deviations].map { $0.map { "\($0)" }.joined(separator: ",") }.joined(separator: "/")
  }

  /// The axis of an example on which the channels lie; nil where one number goes for all of it.
  ///
  /// - Parameter isFirst: which of the two ends it is where both are as long as the channels are many.
  /// - Throws: `Diagnostic` of code `usage` where the examples have no such axis.
  package func axis(of shape: [Int], isFirst: Bool) throws -> Int? {
    let count = means.count
    if count == 1 { return nil }
    switch (shape.count >= 2, shape.first == count, shape.last == count) {
    case (true, true, false): return 0
    case (true, false, true): return shape.count - 1
    case (true, true, true): return isFirst ? 0 : shape.count - 1
    default:
      throw Diagnostic(
        .usage, "the normalisation is for \(count) channels, and the examples are \(shape)",
        remedy: "give a mean and a deviation for each channel of the data")
    }
  }
}
