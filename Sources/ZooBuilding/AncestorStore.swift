import Synchronization
import ZooSpecs

/// The trained models that others still start from; each goes when its last child has it.
final class AncestorStore: Sendable {
  private struct State {
    var ancestors: [String: Ancestor]
    var waiting: [String: Int]
  }

  private let state: Mutex<State>

  /// Prepares to hand ancestors to models that are to be trained.
  ///
  /// - Parameter kept: the ancestors that are trained already.
  init(children: [ModelRecipe], kept: [Ancestor]) {
    let waiting = Dictionary(grouping: children.compactMap(\.parent)) { $0 }.mapValues(\.count)
    let ancestors = Dictionary(kept.map { ($0.name, $0) }) { first, _ in first }
    state = Mutex(State(ancestors: ancestors, waiting: waiting))
  }

  /// Whether a model that is about to finish has children that wait for it.
  func isAwaited(_ name: String) -> Bool {
    state.withLock { $0.waiting[name] != nil }
  }

  /// Keeps a model for its children.
  func add(_ ancestor: Ancestor) {
    state.withLock { $0.ancestors[ancestor.name] = ancestor }
  }

  /// Hands a model to one of its children.
  func take(_ name: String) -> Ancestor? {
    state.withLock { state in
      let ancestor = state.ancestors[name]
      let left = (state.waiting[name] ?? 1) - 1
      state.waiting[name] = left > 0 ? left : nil
      if left <= 0 { state.ancestors[name] = nil }
      return ancestor
    }
  }
}
