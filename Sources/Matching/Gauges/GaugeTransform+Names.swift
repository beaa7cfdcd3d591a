import Support

extension GaugeTransform {
  /// The same change under other names and with other orders of axes.
  ///
  /// - Parameters:
  ///   - names: the new name of every tensor; those that are not among them are kept.
  ///   - axes: for each axis of a tensor, by its old name, the new one.
  /// - Throws: `Diagnostic(.badData)` where a tensor of three axes and more lies in another order, and the
  ///   change has numbers for each of its elements.
  public func renamed(
    _ names: [String: String], axes: [String: [Int]]
  ) throws -> GaugeTransform {
    func renamed(_ places: UnitPlaces) -> UnitPlaces {
      var result = places
      result.tensor = names[places.tensor] ?? places.tensor
      if let order = axes[places.tensor], order.indices.contains(places.axis) {
        result.axis = order[places.axis]
      }
      return result
    }
    return GaugeTransform(
      try steps.map { step in
        switch step {
        case .map(let places, let map): return .map(places.map(renamed), map)
        case .exchange(var exchange):
          exchange.tensors = exchange.tensors.map { $0.map { names[$0] ?? $0 } }
          return .exchange(exchange)
        case .set(var change):
          change.tensor = names[change.tensor] ?? change.tensor
          return .set(change)
        case .add(var term):
          let order = axes[term.places.tensor] ?? []
          guard order.count < 3 || order == Array(order.indices) else {
            throw Diagnostic(
              .badData, "the tensor lies in another order in the other network",
              at: [term.places.tensor], remedy: "convert one of the files with \(action: .convert)")
          }
          term.places = renamed(term.places)
          return .add(term)
        case .shift(var shift):
          let order = axes[shift.kernel] ?? []
          if order.indices.contains(shift.inputAxis), order.indices.contains(shift.outputAxis) {
            (shift.inputAxis, shift.outputAxis) = (order[shift.inputAxis], order[shift.outputAxis])
          }
          shift.bias = names[shift.bias] ?? shift.bias
          shift.kernel = names[shift.kernel] ?? shift.kernel
          return .shift(shift)
        }
      })
  }

  /// All tensors that it changes or reads.
  public var involvedTensors: Set<String> {
    steps.reduce(into: tensors) { names, step in
      if case .shift(let shift) = step { names.insert(shift.kernel) }
    }
  }
}
