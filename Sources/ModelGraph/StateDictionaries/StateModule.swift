import Catalogs

/// The tensors that share a name but for its last word: one layer of a state dictionary.
struct StateModule {
  /// What the tensors look like.
  enum Kind: Sendable, Hashable {
    /// A matrix, perhaps with a bias.
    case dense
    /// A kernel with so many spatial axes.
    case convolution(rank: Int)
    /// Scales, with running statistics.
    case batchNormalization
    /// Scales without running statistics.
    case layerNormalization
    /// A table.
    case embedding
    /// A layer of PyTorch's recurrent modules, in one or both directions.
    case recurrent
  }

  /// The name without the container's prefix and the last word: `layer1.0.conv1`.
  var path: String
  /// What the tensors look like.
  var kind: Kind
  /// The tensors by role.
  var tensors: [Parameter.Role: TensorEntry]
  /// Whether the kernel is called as Keras calls it.
  var isNamedAsKeras: Bool
  /// Whether the kernel's name alone says which way it lies: `weight` of PyTorch, `kernel` of Keras.
  var saysOrientation = true
  /// The framework's word for the layer's class, where the file's names come from classes.
  var className: String?
  /// The cells of a recurrent layer.
  var recurrent: RecurrentModule?
  /// The user's own name of the layer, where the file keeps one beside the one that comes from the class.
  var ownName: String?
  /// The name that says something of what the layer does.
  var spokenName: String { ownName ?? path }

  /// The kind of normalisation that the class or the name of a module with scales and no statistics
  /// speaks of; nil where neither does.
  var normalization: NameEvidence.Norm? { NameEvidence.norm(in: className ?? path) }

  /// Whether it makes units of its own, as normalisation does not.
  var makesUnits: Bool { tensors[.kernel] != nil || kind == .embedding }

  /// The names of its tensors.
  var tensorNames: [String] {
    recurrent?.cells.flatMap(\.tensors).map(\.name) ?? tensors.values.map(\.name).sorted()
  }

  /// The kernel's shape, or that of the scales.
  var shape: [Int] {
    (tensors[.kernel] ?? tensors[.gamma] ?? tensors[.movingMean] ?? tensors[.embeddings])?.shape
      ?? []
  }
}
