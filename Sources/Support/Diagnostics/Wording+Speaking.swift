import Synchronization

extension Wording {
  /// How settings and actions are called where the user is.
  public struct Vocabulary: Sendable {
    /// The name of a setting.
    public var setting: @Sendable (Setting) -> String
    /// The name of an action.
    public var action: @Sendable (Action) -> String

    /// A vocabulary of two functions.
    public init(
      setting: @escaping @Sendable (Setting) -> String,
      action: @escaping @Sendable (Action) -> String
    ) {
      self.setting = setting
      self.action = action
    }

    /// The names in plain words: 'max memory', 'zoo index'.
    public static let plain = Vocabulary(
      setting: { "'" + $0.words.joined(separator: " ") + "'" }, action: { $0.rawValue })
  }

  private static let vocabulary = Mutex(Vocabulary.plain)

  /// Says what settings and actions are called in this process, from here on.
  public static func speak(with words: Vocabulary) { vocabulary.withLock { $0 = words } }

  /// The name of an action where the user is, with nothing around it.
  public static func name(of action: Action) -> String {
    vocabulary.withLock { $0 }.action(action)
  }

  /// The words in a vocabulary. Actions stand between backticks.
  public func text(in words: Vocabulary) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .setting(let setting): words.setting(setting)
      case .action(let action, let operand, let setting, let value):
        "`"
          + [words.action(action), operand, setting.map(words.setting), value].compactMap { $0 }
          .joined(separator: " ") + "`"
      }
    }.joined()
  }
}

extension Wording: CustomStringConvertible {
  /// The words, with the names that hold in this process.
  public var description: String { text(in: Wording.vocabulary.withLock { $0 }) }
}
