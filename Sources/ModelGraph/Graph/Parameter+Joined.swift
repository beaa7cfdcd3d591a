extension Parameter {
  /// The parameter with one axis in place of two over which channels are spread: the elements lie in
  /// the same order, so that a kernel [inputs, heads, width] is read as [inputs, heads · width].
  ///
  /// Its shape is no longer the one in the file where there are such axes.
  public var joined: Parameter {
    guard isSpread else { return self }
    var result = self
    result.shape = []
    result.axes = []
    for (length, axis) in zip(shape, axes) {
      switch axis {
      case .outputStretch, .inputStretch:
        result.axes.append(axis.isOutputStretch ? .output : .input)
        result.shape.append(length)
      case .outputPart where !result.shape.isEmpty, .inputPart where !result.shape.isEmpty:
        // The shape was checked against what the layer computes, so that this cannot overflow.
        result.shape[result.shape.count - 1] *= length
      default:
        result.axes.append(axis)
        result.shape.append(length)
      }
    }
    return result
  }

  /// Whether channels are spread over two axes.
  public var isSpread: Bool {
    axes.contains { axis in
      switch axis {
      case .outputStretch, .inputStretch: true
      default: false
      }
    }
  }

  /// Whether every axis of parts stands right behind its stretch, as long as the stretch is wide.
  var spreadsInOrder: Bool {
    axes.indices.allSatisfy { index in
      switch axes[index] {
      case .outputStretch(let width):
        index + 1 < axes.count && axes[index + 1] == .outputPart && shape[index + 1] == width
      case .inputStretch(let width):
        index + 1 < axes.count && axes[index + 1] == .inputPart && shape[index + 1] == width
      case .outputPart: index > 0 && axes[index - 1].isOutputStretch
      case .inputPart: index > 0 && axes[index - 1].isInputStretch
      default: true
      }
    }
  }
}

extension Parameter.Axis {
  fileprivate var isOutputStretch: Bool {
    if case .outputStretch = self { true } else { false }
  }

  fileprivate var isInputStretch: Bool {
    if case .inputStretch = self { true } else { false }
  }
}
