import LinearAlgebra
import ModelGraph
import Networks
import Support

/// A layer whose output shows a group's units, and where on its channel axis they lie.
struct CapturePoint: Sendable, Hashable {
  /// The layer's name.
  let layer: String
  /// The axis of the channels in an example of its output.
  let axis: Int
  /// Where the units lie on that axis.
  let runs: [PermutationGroup.Member.Run]

  /// Every place of a unit: a run, and an entry in it.
  var places: [(PermutationGroup.Member.Run, Int)] {
    runs.flatMap { run in (0..<run.width).map { (run, $0) } }
  }

  /// The places where a group's units are read: the inputs of the layers whose kernels take them.
  ///
  /// - Throws: `Diagnostic(.usage)` where there is none.
  static func points(of group: PermutationGroup, in graph: ModelGraph) throws -> [CapturePoint] {
    var points: [CapturePoint] = []
    for layer in graph.layers {
      for parameter in layer.parameters {
        for member in group.members where member.tensor == parameter.tensor {
          guard let runs = parameter.inputRuns(of: member), let input = layer.inputs.first else {
            continue
          }
          let source = graph.layers[input]
          let axis = graph.channelOrder == .first ? 0 : max(0, source.outputShape.count - 1)
          let point = CapturePoint(
            layer: source.name,
            axis: parameter.role == .kernel && source.outputShape.count == 2
              && graph.channelOrder == .first && isSequence(layer) ? 1 : axis, runs: runs)
          if !points.contains(point) { points.append(point) }
        }
      }
    }
    guard !points.isEmpty else {
      throw Diagnostic(
        .usage, "no layer reads this group's units alone, so their activations cannot be seen",
        at: [group.name],
        remedy: "use \(setting: .method) weights, or leave the group alone with \(setting: .freeze)"
      )
    }
    return points
  }

  /// Whether a layer's input has its features last whatever the order of the channels.
  private static func isSequence(_ layer: Layer) -> Bool {
    switch layer.operation {
    case .dense, .recurrent: true
    default: false
    }
  }

  /// The units' activations in Float64, a row an example and position, a column a unit.
  func units(
    _ capture: Network.Capture, _ run: PermutationGroup.Member.Run, _ offset: Int, _ count: Int
  ) throws -> Matrix<Double> {
    let shape = capture.shape
    guard shape.indices.contains(axis), run.start + count * run.width <= shape[axis] else {
      throw Diagnostic(
        .failed, "\(count) units do not lie on an output of shape \(shape)", at: [layer])
    }
    let length = shape[axis]
    let inner = shape[(axis + 1)...].reduce(1, *)
    let rows = length > 0 ? capture.values.count / length : 0
    var values = [Double](repeating: 0, count: rows * count)
    capture.values.withUnsafeBufferPointer { source in
      values.withUnsafeMutableBufferPointer { target in
        for row in 0..<rows {
          let start =
            (row / inner * length + run.start + offset) * inner + row % inner
          var from = start
          for unit in row * count..<(row + 1) * count {
            target[unit] = Double(source[from])
            from += run.width * inner
          }
        }
      }
    }
    return Matrix(rows: rows, columns: count, values: values)
  }
}

extension Parameter {
  /// Where a group's units lie along the input channels of the layer; nil where the member is on no
  /// axis of inputs.
  fileprivate func inputRuns(of member: PermutationGroup.Member) -> [PermutationGroup.Member.Run]? {
    switch axes[member.axis] {
    case .input, .inputPart: member.runs
    case .inputStretch(let width):
      member.runs.map { .init(start: $0.start * width, width: $0.width * width) }
    default: nil
    }
  }
}
