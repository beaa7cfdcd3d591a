import Support

extension Wording.Vocabulary {
  /// The names on the command line: settings are flags, actions are commands.
  static let commandLine = Wording.Vocabulary(
    setting: { setting in
      setting == .output ? "-o" : "--" + setting.words.joined(separator: "-")
    },
    action: { "wsl " + $0.rawValue })
}
