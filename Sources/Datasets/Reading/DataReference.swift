public import Networks
import Support

/// A data set by its name or path, and what networks' inputs go through.
public struct DataReference: Sendable, Hashable {
  /// A built-in name, or a path.
  public var name: String
  /// What is applied where a network reads the examples; nil where they are taken as they are.
  public var normalization: ChannelNormalization?

  /// The loss that networks are measured by; nil lets data and network decide.
  public var loss: Loss?

  /// How many tokens a window of one long row has; nil for the usual number.
  public var window: Int?

  /// Makes a reference.
  public init(
    _ name: String, normalization: ChannelNormalization? = nil, loss: Loss? = nil,
    window: Int? = nil
  ) {
    self.name = name
    self.window = window
    self.loss = loss
    self.normalization = normalization
  }

  /// Loads a part of it.
  ///
  /// - Throws: `Diagnostic` where there is no such data set, it is damaged, or its examples do not have
  ///   the channels of the normalisation.
  public func load(split: DataSource.Split) async throws -> Dataset {
    var examples = try await DataSource.load(name, split: split, window: window)
    examples.loss = loss
    if let normalization {
      do { _ = try normalization.axis(of: examples.exampleShape, isFirst: true) } catch let
        error as Diagnostic
      {
        throw error.inside(name)
      }
      examples.normalization = normalization
    }
    return examples
  }
}
