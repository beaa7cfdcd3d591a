import Catalogs
import Support

/// Where a family's builder finds the tensors of its layers: in a file, or nowhere yet.
protocol FamilyTensors {
  /// The tensor of a module; nil where the file has none.
  ///
  /// - Parameters:
  ///   - module: the module, dotted: `layer1.0.conv1`.
  ///   - leaf: the last word: `weight`.
  ///   - shape: the shape that it must have.
  /// - Throws: `Diagnostic` of code `badData` where it has another shape.
  func parameter(
    _ role: Parameter.Role, of module: String, leaf: String, shape: [Int],
    axes: [Parameter.Axis]
  ) throws -> Parameter?
}

/// Tensors of a network that is yet to be made: named like a state dictionary in HDF5
/// (`layer1/0/conv1/weight`).
struct NewTensors: FamilyTensors {
  func parameter(
    _ role: Parameter.Role, of module: String, leaf: String, shape: [Int],
    axes: [Parameter.Axis]
  ) throws -> Parameter? {
    Parameter(
      role: role, tensor: module.replacing(".", with: "/") + "/" + leaf, shape: shape, axes: axes)
  }
}

/// Tensors of a state dictionary, by the paths of their modules.
struct StateTensors: FamilyTensors {
  private let modules: [String: StateModule]

  init(_ modules: [StateModule]) {
    self.modules = Dictionary(modules.map { ($0.path, $0) }, uniquingKeysWith: { a, _ in a })
  }

  func parameter(
    _ role: Parameter.Role, of module: String, leaf: String, shape: [Int],
    axes: [Parameter.Axis]
  ) throws -> Parameter? {
    guard let entry = modules[module]?.tensors[role] else { return nil }
    guard entry.shape == shape else {
      throw Diagnostic(
        .badData,
        "the tensor \(entry.name) is \(describe(entry.shape)), and the layer needs "
          + describe(shape), at: [module])
    }
    return Parameter(role: role, tensor: entry.name, shape: shape, axes: axes)
  }
}
