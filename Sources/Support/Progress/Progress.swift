/// What a long piece of work tells about itself while it runs.
public struct ProgressUpdate: Sendable {
  /// What is being done: `training seed 2`.
  public var label: String
  /// How many units are done.
  public var completed: Int
  /// How many there are in all.
  public var total: Int
  /// A figure worth seeing on the way: `loss 0.31`.
  public var detail: String

  /// Makes an update.
  public init(_ label: String, completed: Int, total: Int, detail: String = "") {
    self.label = label
    self.completed = completed
    self.total = total
    self.detail = detail
  }
}

/// Receives updates, from any thread.
public typealias ProgressHandler = @Sendable (ProgressUpdate) -> Void
