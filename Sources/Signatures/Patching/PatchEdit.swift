import Support

/// One change of a stack.
public enum PatchEdit: Sendable {
  /// A signature is added, so strongly. An aligned one comes with the names of its tensors in the
  /// model; for any other they are found.
  case add(Signature, alpha: Double, aligned: [String]? = nil)
  /// The signature of a name is taken out.
  case remove(String)
  /// The signature of a name is applied so strongly.
  case scale(String, alpha: Double)

  /// Refuses a strength that is no number.
  func check() throws {
    let alpha: Double
    switch self {
    case .add(_, let strength, _), .scale(_, let strength): alpha = strength
    case .remove: return
    }
    guard alpha.isFinite, abs(alpha) <= 1e6 else {
      throw Diagnostic(
        .usage, "\(alpha) is no strength of a patch", remedy: "give a number, such as 0.5")
    }
  }
}
