/// The phases of the loss landscape: Yang et al., "Taxonomizing local versus global structure in
/// neural network loss landscapes", NeurIPS 2021; the names are those of Schürholt et al., "A model
/// zoo on phase transitions in neural networks", 2025.
public enum Phase: String, Sendable, Hashable, CaseIterable, Codable {
  /// High loss, and a barrier between models: underfitted and undersized.
  case underfittedUndersized = "I"
  /// High loss, and models that are connected: underfitted.
  case underfitted = "II"
  /// Low loss, and a barrier between models: undersized.
  case undersized = "III"
  /// Low loss, models that are connected, and that answer differently: overfitted.
  case overfitted = "IV-A"
  /// Low loss, models that are connected, and that answer alike: generalising.
  case generalising = "IV-B"

  /// The name in words.
  public var meaning: String {
    switch self {
    case .underfittedUndersized: "underfitted and undersized"
    case .underfitted: "underfitted"
    case .undersized: "undersized"
    case .overfitted: "overfitted"
    case .generalising: "generalising"
    }
  }

  /// Whether the train loss is high there.
  var hasHighLoss: Bool { self == .underfittedUndersized || self == .underfitted }
  /// Whether models are connected there.
  var isConnected: Bool { self != .underfittedUndersized && self != .undersized }
}
