import Support

/// What to do about a network that is not understood, in one place: many readers end there.
enum Remedies {
  /// The user says what the layers are.
  static let describeNetwork: Wording =
    "describe the network in a file and give it with \(setting: .graph)"
}
