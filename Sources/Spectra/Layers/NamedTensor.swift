import Catalogs
import ModelGraph

/// In which order a file that no graph explains keeps the axes of kernels.
enum ChannelOrder {
  /// `[out, in, window…]`: PyTorch, ONNX, GGUF.
  case channelsFirst
  /// `[window…, in, out]`: Keras.
  case channelsLast

  /// What the graph or the producer says; else PyTorch's, as most files are.
  init(_ catalog: Catalog, _ graph: ModelGraph?) {
    if let graph {
      self = graph.channelOrder == .last ? .channelsLast : .channelsFirst
    } else {
      self = catalog.producer?.hasPrefix("Keras") == true ? .channelsLast : .channelsFirst
    }
  }
}

/// A tensor of which only the name and the shape are known.
struct NamedTensor {
  private let entry: TensorEntry
  private let order: ChannelOrder
  private let catalog: Catalog
  private let words: [String]

  init(_ entry: TensorEntry, of catalog: Catalog, _ order: ChannelOrder) {
    self.entry = entry
    self.catalog = catalog
    self.order = order
    words = entry.name.split { $0 == "." || $0 == "/" }.map(String.init)
  }

  /// The name without the word that says "weight".
  private var layerName: String {
    var words = words
    let last = words.last?.split(separator: ":").first.map(String.init) ?? ""
    if words.count > 1, ["weight", "kernel", "w", "embeddings"].contains(last.lowercased()) {
      words.removeLast()
      // Keras repeats the layer's name.
      if words.count > 1, words[words.count - 1] == words[words.count - 2] { words.removeLast() }
      if words.count > 1, words.first == "model_weights" { words.removeFirst() }
    }
    return words.joined(separator: entry.name.contains("/") ? "/" : ".")
  }

  /// The rows of the result that the tensor gives; none where its axes do not tell a matrix.
  func layers(_ convolutions: SpectralPlan.Convolutions) -> [SpectralLayer] {
    let shape = entry.shape
    switch shape.count {
    case 2:
      if let gates = blocks { return gates }
      let isTable = words.contains { $0.lowercased().contains("emb") }
      return MatrixShape(
        layerName, isTable ? "embedding" : "dense", entry.name, shape, [.row, .column]
      ).layers
    case 3...5:
      if shape.count == 3, !looksLikeWindow {
        // Experts, heads: a matrix for every index of the first axis.
        return MatrixShape(
          layerName, "stack", entry.name, shape, [.slice, .row, .column]
        ).layers
      }
      let window: SpectralLayer.AxisRole = convolutions == .slices ? .slice : .column
      let windows = Array(repeating: window, count: shape.count - 2)
      let roles: [SpectralLayer.AxisRole] =
        isChannelsFirst ? [.row, .column] + windows : windows + [.column, .row]
      return MatrixShape(
        layerName, "conv\(shape.count - 2)d", entry.name, shape, roles
      ).layers
    default: return []
    }
  }

  /// Whether a tensor with three axes is a convolution's: its window is short.
  private var looksLikeWindow: Bool {
    let window = isChannelsFirst ? entry.shape[2] : entry.shape[0]
    return window <= 32 && words.contains { $0.lowercased().contains("conv") }
      || window <= 16 && !words.contains { $0.lowercased().contains("expert") }
        && window < entry.shape[1]
  }

  /// Whether the channels come before the window: by what wrote the file, and against it where the
  /// lengths leave no doubt.
  private var isChannelsFirst: Bool {
    let shape = entry.shape
    guard shape.count == 4 else { return order == .channelsFirst }
    let (front, back) = (shape[0] + shape[1], shape[2] + shape[3])
    if order == .channelsLast { return front > 8 * back && shape[2] == shape[3] }
    return !(back > 8 * front && shape[0] == shape[1])
  }

  /// The gates of PyTorch's recurrent cells, the thirds of a fused attention projection; nil for
  /// other tensors.
  private var blocks: [SpectralLayer]? {
    guard let leaf = words.last else { return nil }
    let (rows, columns) = (entry.shape[0], entry.shape[1])
    let names: [String]
    if leaf.hasPrefix("weight_hh") || leaf.hasPrefix("weight_ih") {
      // The kernel of the state is [gates · units, units]; it tells how many gates there are.
      let state = catalog.tensor(named: entry.name.replacing("weight_ih", with: "weight_hh"))
      guard let state, state.shape.count == 2, state.shape[1] > 0, state.shape[0] == rows,
        rows % state.shape[1] == 0
      else { return nil }
      switch rows / state.shape[1] {
      case 4: names = ["input", "forget", "cell", "output"]
      case 3: names = ["reset", "update", "candidate"]
      default: return nil
      }
    } else if let roles = fusedRoles {
      return MatrixShape(
        layerName, "attention", entry.name,
        roles[0] == .slice ? [3, rows / 3, columns] : [rows, 3, columns / 3], roles
      ).gates(["query", "key", "value"])
    } else {
      return nil
    }
    return MatrixShape(
      layerName, names.count == 4 ? "lstm" : "gru", entry.name,
      [names.count, rows / names.count, columns],
      [.slice, .row, .column]
    ).gates(names)
  }

  /// How the projections of query, key and value lie in one tensor, one after the other: by rows in
  /// PyTorch's layers, by columns in GPT-2's. Those that lie head by head (`query_key_value`) are not
  /// told apart without the number of heads.
  private var fusedRoles: [SpectralLayer.AxisRole]? {
    let (rows, columns) = (entry.shape[0], entry.shape[1])
    let fused = ["in_proj_weight", "c_attn", "qkv", "to_qkv", "Wqkv"]
    let leaf = words.last == "weight" ? words.dropLast().last : words.last
    guard let leaf, fused.contains(leaf) else { return nil }
    if rows == 3 * columns { return [.slice, .row, .column] }
    return leaf == "c_attn" && columns == 3 * rows ? [.row, .slice, .column] : nil
  }
}
