import ModelGraph
import Support

extension ProgramBuilder {
  /// Compiles a layer of sequences.
  func compileSequence(_ layer: Layer, at index: Int) throws {
    switch layer.operation {
    case .attention(let attention): try compileAttention(attention, layer, at: index)
    case .rmsNormalization(let parameters):
      try compileRMSNormalization(parameters, layer, at: index)
    case .groupNormalization(let groups, let epsilon):
      try compileGroupNormalization(groups: groups, epsilon: epsilon, layer, at: index)
    case .select(let selection): try compileSelection(selection, layer, at: index)
    case .tableAddition(let firstRow, let isOneRow):
      try compileTableAddition(firstRow: firstRow, isOneRow: isOneRow, layer, at: index)
    case .sinusoidalPositions(let parameters): try compileSinusoids(parameters, layer, at: index)
    case .prepend(let count): try compilePrepending(count: count, layer, at: index)
    case .channelScale: try compileChannelScale(layer, at: index)
    case .parametricRelu: try compileParametricRelu(layer, at: index)
    case .steps(let selection): try compileSteps(selection, layer, at: index)
    case .stepDense(let units): try compileStepDense(units: units, layer, at: index)
    case .routing(let routing): try compileRouting(routing, layer, at: index)
    case .mixture: try compileMixture(layer, at: index)
    case .selectiveScan: try compileSelectiveScan(layer, at: index)
    case .spaceToDepth(let size, let isColumnFirst):
      try compileSpaceToDepth(size: size, isColumnFirst: isColumnFirst, layer, at: index)
    default:
      throw Diagnostic(.failed, "a \(layer.operation.name) layer is none of sequences")
    }
  }
}
