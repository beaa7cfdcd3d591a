extension RowDoubts {
  /// A square kernel fits either way.
  mutating func doubtKernelAxes() {
    for (index, link) in kernels.enumerated() {
      guard case .convolution = link.module.kind, link.groups == 1, link.input == link.output,
        link.module.className == nil, !NameEvidence.saysConvolution(link.module.path)
      else { continue }
      doubt(
        .kernelAxes,
        "\(link.module.path) may be a plain or a transposed convolution: its kernel is square",
        alternatives: ["a transposed convolution"], holding: [index, index + 1])
    }
    let other: StateChain.Orientation =
      chain.orientation == .outputFirst ? .inputFirst : .outputFirst
    if !kernels.allSatisfy(\.module.saysOrientation),
      StateChain(chain.links.map(\.module), other) != nil
    {
      doubt(
        .kernelAxes, "the kernels fit as [out, in] and as [in, out], and their names do not say",
        alternatives: ["the other order of axes"], holding: hidden)
    }
  }

  /// A kernel of fewer inputs than there are channels is one of groups, or of something else.
  mutating func doubtGroups() {
    for (index, link) in kernels.enumerated() where link.groups > 1 {
      let isDepthwise = link.groups == link.input
      let next = kernels.indices.contains(index + 1) ? kernels[index + 1] : nil
      if isDepthwise, let next, next.module.kind != .dense, next.groups == 1 { continue }
      doubt(
        .groups,
        "\(link.module.path) is taken for a convolution in \(link.groups) groups, since it "
          + "fits no other way into the row",
        alternatives: ["a transposed convolution", "an operation between that changes channels"],
        holding: [index, index + 1] + makers(of: link.input / link.groups, upTo: index))
    }
  }

  /// The boundaries of so many channels, whose units a kernel of so many inputs may read.
  private func makers(of width: Int, upTo last: Int) -> [Int] {
    (0...last).filter { widths[$0] == width }
  }

  /// Whether a dense layer may read so many positions of a map, and not pooled maps one after another
  /// (two or three poolings; pyramids of 1, 4, 9, 16 cells): maps of images are mostly square.
  private func isUsualMap(_ positions: Int, rank: Int) -> Bool {
    if rank == 1 { return positions > 3 }
    let side = Int(Double(positions).squareRoot().rounded())
    return positions > 3 && side * side == positions
  }

  mutating func doubtFlattening() {
    for (index, link) in kernels.enumerated() where link.positions > 1 {
      let read = link.input
      if chain.hasSteps {
        doubt(
          .flattening,
          "the file does not say how the \(read) inputs of \(link.module.path) come from the outputs "
            + "before it: steps, states or maps one after another",
          alternatives: ["all steps one after another", "several states one after another"],
          holding: 1...index, settledBy: [])
      } else if isSumOfWidths(read, upTo: index) {
        doubt(
          .flattening,
          "the \(read) inputs of \(link.module.path) may be a flattened map or several outputs one "
            + "after another", alternatives: ["a concatenation"], holding: 1...index)
      } else if !naming.isUniform || !isUsualMap(link.positions, rank: rank(before: index)) {
        doubt(
          .flattening,
          "the \(read) inputs of \(link.module.path) may be a flattened map or pooled maps one after "
            + "another", alternatives: ["a concatenation of pooled maps"], holding: 1...index)
      }
    }
  }

  /// The number of spatial axes of the convolution before a kernel.
  private func rank(before index: Int) -> Int {
    for link in kernels.prefix(index).reversed() {
      if case .convolution(let rank) = link.module.kind { return rank }
    }
    return 2
  }

  /// Whether a number is the sum of two or more different boundaries' channels.
  private func isSumOfWidths(_ total: Int, upTo last: Int) -> Bool {
    guard last < 64, total <= 1 << 16 else { return false }
    // reachable[s]: the least number of boundaries, up to two, whose channels make s.
    var reachable = [0: 0]
    for width in widths[0...last] {
      for (sum, count) in reachable where sum + width <= total {
        reachable[sum + width] = max(reachable[sum + width] ?? 0, min(2, count + 1))
      }
    }
    return (reachable[total] ?? 0) >= 2
  }
}
