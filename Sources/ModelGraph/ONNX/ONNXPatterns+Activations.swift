import Catalogs

extension ONNXPatterns {
  /// `x·(1 + erf(x/√2))/2`, or with the tanh approximation (Hendrycks and Gimpel 2016).
  mutating func joinGelu(_ index: Int, isTanh: Bool) {
    let argument = node(index).inputs[0]
    guard let input = isTanh ? tanhInput(argument) : erfInput(argument),
      allReaders(of: argument)?.count == 1, let sum = reader(of: index, "Add"),
      isNumber(other(sum, than: node(index).outputs[0]), 1),
      let product = reader(of: sum, "Mul"), let factor = other(product, than: node(sum).outputs[0])
    else { return }
    var nodes = [index, sum, product] + input.nodes
    var last = product
    if factor == input.value {
      // x·(1 + …), halved after it.
      if let half = reader(of: product, "Mul"),
        isNumber(other(half, than: node(product).outputs[0]), 0.5)
      {
        last = half
      } else if let half = reader(of: product, "Div"), isNumber(node(half).inputs[1], 2) {
        last = half
      } else {
        return
      }
    } else if isNumber(factor, 0.5) {
      guard let times = reader(of: product, "Mul"),
        other(times, than: node(product).outputs[0]) == input.value
      else { return }
      last = times
    } else {
      // (x/2)·(1 + …).
      guard let (half, scale) = scaled(factor), half == input.value, abs(scale - 0.5) < 1e-6,
        let maker = maker(factor, "Mul") ?? maker(factor, "Div"),
        allReaders(of: factor)?.count == 1
      else { return }
      nodes.append(maker)
    }
    guard nodes.allSatisfy({ $0 <= last }) else { return }
    replace(
      nodes + [last], by: "Gelu", [input.value], last: last,
      ["approximate": .text(isTanh ? "tanh" : "none")])
  }

  private func erfInput(_ value: String) -> (value: String, nodes: [Int])? {
    guard let (input, factor) = scaled(value), abs(factor - 0.707_106_78) < 1e-4,
      let maker = maker(value, "Mul") ?? maker(value, "Div")
    else { return nil }
    return (input, [maker])
  }

  /// `√(2/π)·(x + 0.044715·x³)`.
  private func tanhInput(_ value: String) -> (value: String, nodes: [Int])? {
    guard let (sum, factor) = scaled(value), abs(factor - 0.797_884_56) < 1e-4,
      let outer = maker(value, "Mul"), let add = maker(sum, "Add"),
      allReaders(of: sum)?.count == 1
    else { return nil }
    for place in [0, 1] {
      let (input, term) = (node(add).inputs[1 - place], node(add).inputs[place])
      guard let (cube, share) = scaled(term), abs(share - 0.044715) < 1e-6,
        let times = maker(term, "Mul"), let nodes = cubed(cube, of: input),
        ([term, cube] + nodes.dropLast().flatMap { node($0).outputs.prefix(1) })
          .allSatisfy({ allReaders(of: $0)?.count == 1 })
      else { continue }
      return (input, [outer, add, times] + nodes)
    }
    return nil
  }

  /// The nodes that make the third power of a value, the last of them last.
  private func cubed(_ value: String, of input: String) -> [Int]? {
    if let power = maker(value, "Pow"), node(power).inputs[0] == input,
      isNumber(node(power).inputs[1], 3)
    {
      return [power]
    }
    guard let product = maker(value, "Mul"), let square = other(product, than: input),
      let inner = maker(square, "Mul") ?? maker(square, "Pow"), node(inner).inputs[0] == input,
      node(inner).operation == "Mul"
        ? node(inner).inputs[1] == input : isNumber(node(inner).inputs[1], 2)
    else { return nil }
    return [inner, product]
  }

  /// `x·tanh(softplus(x))` (Misra 2019).
  mutating func joinMish(_ index: Int) -> Bool {
    guard let softplus = maker(node(index).inputs[0], "Softplus"),
      reader(of: softplus, "Tanh") == index, let product = reader(of: index, "Mul"),
      other(product, than: node(index).outputs[0]) == node(softplus).inputs[0]
    else { return false }
    replace([softplus, index, product], by: "Mish", node(softplus).inputs, last: product)
    return true
  }

  /// `x·sigmoid(x)`, or `x·sigmoid(1.702·x)`.
  mutating func joinSwish(_ index: Int) {
    guard let product = reader(of: index, "Mul"),
      let input = other(product, than: node(index).outputs[0])
    else { return }
    let argument = node(index).inputs[0]
    if argument == input {
      return replace([index, product], by: "Swish", [input], last: product)
    }
    guard let (value, factor) = scaled(argument), value == input, abs(factor - 1.702) < 1e-6,
      let scaling = maker(argument, "Mul"), reader(of: scaling, "Sigmoid") == index
    else { return }
    replace(
      [scaling, index, product], by: "Swish", [input], last: product,
      ["alpha": .numbers([1.702])])
  }

  /// `x·hardSigmoid(x)` with the slope 1/6 (Howard et al. 2019).
  mutating func joinHardSwish(_ index: Int) {
    guard case .numbers(let alpha)? = node(index).attributes["alpha"], alpha.count == 1,
      abs(alpha[0] - 1 / 6) < 1e-6, let product = reader(of: index, "Mul"),
      other(product, than: node(index).outputs[0]) == node(index).inputs[0]
    else { return }
    if case .numbers(let beta)? = node(index).attributes["beta"], beta != [0.5] { return }
    replace([index, product], by: "HardSwish", [node(index).inputs[0]], last: product)
  }

  /// `clip(x + 3, 0, 6)/6`, by itself or times x.
  mutating func joinHardSigmoid(_ index: Int) {
    let clip = graph.nodes[index]
    guard let first = clip.inputs.first, let made = clip.outputs.first else { return }
    func bound(_ name: String, _ place: Int) -> Double? {
      if clip.inputs.indices.contains(place) { return number(clip.inputs[place]) }
      if case .numbers(let list)? = clip.attributes[name] { return list.first }
      return nil
    }
    guard bound("min", 1) == 0, bound("max", 2) == 6, let sum = maker(first, "Add"),
      reader(of: sum, "Clip") == index
    else { return }
    let inputs = node(sum).inputs
    guard inputs.count == 2, let place = inputs.firstIndex(where: { isNumber($0, 3) }) else {
      return
    }
    let input = inputs[1 - place]
    if let product = reader(of: index, "Mul"), other(product, than: made) == input {
      guard let last = sixth(of: product) else { return }
      return replace([sum, index, product, last], by: "HardSwish", [input], last: last)
    }
    guard let last = sixth(of: index) else { return }
    if let product = reader(of: last, "Mul"), other(product, than: node(last).outputs[0]) == input {
      return replace([sum, index, last, product], by: "HardSwish", [input], last: product)
    }
    replace(
      [sum, index, last], by: "HardSigmoid", [input], last: last,
      ["alpha": .numbers([1.0 / 6]), "beta": .numbers([0.5])])
  }

  /// The node that takes a sixth of what a node makes.
  private func sixth(of index: Int) -> Int? {
    if let division = reader(of: index, "Div"), isNumber(node(division).inputs[1], 6),
      node(division).inputs[0] == node(index).outputs[0]
    {
      return division
    }
    if let product = reader(of: index, "Mul"),
      isNumber(other(product, than: node(index).outputs[0]), 1 / 6)
    {
      return product
    }
    return nil
  }
}
