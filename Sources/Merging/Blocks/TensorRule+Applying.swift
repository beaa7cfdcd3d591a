import CMerging

extension TensorRule {
  /// Whether blocks of the inputs are something else after the rule has been applied.
  var changesInputs: Bool {
    switch self {
    case .linear, .differences: false
    case .sparse, .localized: true
    }
  }

  /// The inputs that are read: models without a share are not.
  func wanted(modelCount: Int) -> [Int] {
    switch self {
    case .linear(let factors, let base):
      factors.indices.filter { factors[$0] != 0 } + (base != 0 ? [modelCount] : [])
    case .differences(let factors): factors.indices.filter { factors[$0] != 0 } + [modelCount]
    case .sparse, .localized: Array(0...modelCount)
    }
  }

  /// Makes a block of the result of blocks of the inputs, which it may change.
  ///
  /// - Parameters:
  ///   - first: the place of the block's first element in its tensor.
  ///   - workspace: holds the wanted inputs. The result is its first spare block.
  /// - Returns: whether an element is known not to be finite. That of what is only added shows in
  ///   the result.
  func apply(at first: Int, count: Int, modelCount: Int, in workspace: MergeWorkspace) -> Bool {
    let result = workspace.spare(0)
    let base = workspace.block(modelCount)
    let length = Int64(count)
    result.update(repeating: 0, count: count)
    switch self {
    case .linear(let factors, let share):
      for (input, factor) in factors.enumerated() where factor != 0 {
        wsl_add_scaled(result, workspace.block(input), factor, length)
      }
      if share != 0 { wsl_add_scaled(result, base, share, length) }
      return false
    case .differences(let factors):
      for (input, factor) in factors.enumerated() where factor != 0 {
        wsl_add_scaled_difference(result, workspace.block(input), base, factor, length)
      }
      wsl_scale_and_add(result, base, 1, length)
      return false
    case .sparse(let rule): return rule.apply(at: first, length, in: workspace)
    case .localized(let rule): return rule.apply(length, in: workspace)
    }
  }
}

extension SparseRule {
  fileprivate func apply(at first: Int, _ count: Int64, in workspace: MergeWorkspace) -> Bool {
    let base = workspace.block(selections.count)
    let (result, totals, shares) = (workspace.spare(0), workspace.spare(1), workspace.spare(2))
    guard select(at: first, count, in: workspace) else { return true }
    switch combination {
    case .sum:
      for (input, weight) in weights.enumerated() {
        wsl_add_scaled(result, workspace.block(input), weight, count)
      }
    case .elected(let zeroSign, let averages):
      weighTotals(count, in: workspace)
      shares.update(repeating: 0, count: Int(count))
      for (input, weight) in weights.enumerated() {
        wsl_add_agreeing(
          result, shares, workspace.block(input), totals, zeroSign, weight, count)
      }
      if averages { wsl_divide_by_shares(result, shares, count) }
    }
    wsl_scale_and_add(result, base, scale, count)
    return false
  }

  /// Turns each input into what stays of its difference from the base, and counts it in the workspace.
  ///
  /// - Returns: false where an element is not finite.
  func select(at first: Int, _ count: Int64, in workspace: MergeWorkspace) -> Bool {
    let base = workspace.block(selections.count)
    for (input, selection) in selections.enumerated() {
      let values = workspace.block(input)
      guard wsl_subtract(values, base, count) == 0 else { return false }
      switch selection {
      case .magnitudes(let bounds):
        workspace.staying[input] += Int(
          wsl_keep_magnitudes(values, WSLMagnitudes(bounds), Int64(first), count))
      case .chance(let key, let threshold, let factor):
        wsl_drop_by_chance(values, key, Int64(first), threshold, factor, count)
      }
    }
    return true
  }

  /// Multiplies what stays by the weights, and leaves the sum in the second spare block.
  func weighTotals(_ count: Int64, in workspace: MergeWorkspace) {
    let totals = workspace.spare(1)
    totals.update(repeating: 0, count: Int(count))
    for (input, weight) in weights.enumerated() {
      let values = workspace.block(input)
      if weight != 1 {
        for index in 0..<Int(count) { values[index] *= weight }
      }
      wsl_add_scaled(totals, values, 1, count)
    }
  }
}

extension WSLMagnitudes {
  fileprivate init(_ bounds: MagnitudeBounds) {
    self.init(
      lowest: bounds.lowest, largest: bounds.largest,
      lowestFrom: Int64(bounds.lowestPlaces.lowerBound),
      lowestTo: Int64(bounds.lowestPlaces.upperBound),
      largestFrom: Int64(bounds.largestPlaces.lowerBound),
      largestTo: Int64(bounds.largestPlaces.upperBound))
  }
}

extension LocalizedRule {
  fileprivate func apply(_ count: Int64, in workspace: MergeWorkspace) -> Bool {
    let base = workspace.block(weights.count)
    let (result, counts) = (workspace.spare(0), workspace.spare(1))
    counts.update(repeating: 0, count: Int(count))
    for (input, weight) in weights.enumerated() {
      let values = workspace.block(input)
      guard wsl_subtract(values, base, count) == 0 else { return true }
      if weight != 1 {
        for index in 0..<Int(count) { values[index] *= weight }
      }
      wsl_add_scaled(result, values, 1, count)
    }
    for input in task.map({ [$0] }) ?? Array(weights.indices) {
      wsl_count_localized(counts, workspace.block(input), result, threshold, count)
    }
    wsl_keep_counted(result, counts, task == nil ? Double(agreement) : 1, count)
    wsl_scale_and_add(result, base, scale, count)
    return false
  }
}
