import Catalogs
import ModelGraph

/// A hidden layer whose kernel is its own.
struct HiddenKernel: Sendable {
  /// The layer's place in the graph.
  let layer: Int
  /// Its kernel.
  let kernel: ChannelKernel
  /// Its bias, where it has one that no other layer takes.
  let bias: String?
}

extension ModelGraph {
  /// The dense and convolutional layers but those that make the network's outputs, where no other
  /// kind of layer takes their kernels. A kernel that several layers share is named once.
  var hiddenKernels: [HiddenKernel] {
    let last = outputKernelLayers
    var kept: Set<String> = []
    for (index, layer) in layers.enumerated() {
      let isHidden = layer.isDenseOrConvolution && !last.contains(index)
      for parameter in layer.parameters where !isHidden || parameter.role != .kernel {
        kept.insert(parameter.tensor)
      }
    }
    var seen: Set<String> = []
    return layers.enumerated().compactMap { index, layer in
      guard let parameter = layer.parameter(.kernel), layer.isDenseOrConvolution,
        !kept.contains(parameter.tensor), seen.insert(parameter.tensor).inserted,
        let kernel = ChannelKernel(parameter)
      else { return nil }
      let bias = layer.parameter(.bias)?.tensor
      return HiddenKernel(
        layer: index, kernel: kernel, bias: bias.flatMap { userCount(of: $0) == 1 ? $0 : nil })
    }
  }

  /// How many layers take a tensor, or one that shares its bytes. A name in the file that no layer has
  /// counts, too: something may take it.
  func userCount(of tensor: String) -> Int {
    guard let shared = sharedStorage.first(where: { $0.names.contains(tensor) }) else {
      return layers.count { $0.parameters.contains { $0.tensor == tensor } }
    }
    var others = Set(shared.names)
    let users = layers.count { layer in
      let taken = layer.parameters.map(\.tensor).filter(shared.names.contains)
      others.subtract(taken)
      return !taken.isEmpty
    }
    return users + others.count
  }
}

extension Layer {
  /// Whether the layer multiplies its input by a kernel.
  var isDenseOrConvolution: Bool {
    switch operation {
    case .dense, .convolution: true
    default: false
    }
  }
}

extension ModelGraph {
  /// The layers with kernels that make the network's outputs: the first that are met on the way
  /// back from them.
  var outputKernelLayers: Set<Int> {
    var found: Set<Int> = []
    var seen: Set<Int> = []
    var waiting = outputs
    while let index = waiting.popLast() {
      guard seen.insert(index).inserted else { continue }
      if layers[index].isDenseOrConvolution {
        found.insert(index)
      } else if case .recurrent = layers[index].operation {
        continue
      } else {
        waiting += layers[index].inputs
      }
    }
    return found
  }
}
