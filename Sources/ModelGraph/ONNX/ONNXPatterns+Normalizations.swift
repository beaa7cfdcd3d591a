import Catalogs

extension ONNXPatterns {
  /// The one axis over which a node takes the mean, kept.
  private func meanAxis(_ index: Int) -> Int? {
    let node = node(index)
    let axes: [Int]?
    if case .integers(let list)? = node.attributes["axes"] {
      axes = list
    } else {
      axes =
        node.inputs.count > 1
        ? graph.constants[node.inputs[1]]?.compactMap { Int(exactly: $0) } : nil
    }
    if case .integers(let keeps)? = node.attributes["keepdims"], keeps != [1] { return nil }
    return axes?.count == 1 ? axes?.first : nil
  }

  /// The value of which a node takes the square.
  private func squared(_ value: String) -> (value: String, node: Int)? {
    if let power = maker(value, "Pow"), isNumber(node(power).inputs[1], 2) {
      return (node(power).inputs[0], power)
    }
    if let product = maker(value, "Mul"), node(product).inputs[0] == node(product).inputs[1] {
      return (node(product).inputs[0], product)
    }
    return nil
  }

  /// Layer and RMS normalisation, from the mean of the squares on.
  mutating func joinNormalization(_ index: Int) {
    guard let axis = meanAxis(index), let (centred, square) = squared(node(index).inputs[0]),
      reader(of: square, "ReduceMean") == index, let sum = reader(of: index, "Add"),
      let epsilon = number(other(sum, than: node(index).outputs[0])), epsilon > 0,
      let root = root(of: sum), let quotient = quotient(of: centred, root)
    else { return }
    var nodes = [square, index, sum] + root.nodes + quotient.nodes
    var last = quotient.last
    var input = centred
    var isCentred = false
    // (x − mean(x)), which only the square and the quotient read.
    if let difference = maker(centred, "Sub"),
      let mean = maker(node(difference).inputs[1], "ReduceMean"),
      meanAxis(mean) == axis, node(mean).inputs[0] == node(difference).inputs[0],
      Set(allReaders(of: centred) ?? []).isSubset(of: Set(nodes + [last])),
      allReaders(of: centred) != nil, reader(of: mean, "Sub") == difference
    {
      isCentred = true
      input = node(difference).inputs[0]
      nodes += [difference, mean]
    }
    var inputs = [input]
    if let gain = reader(of: last, "Mul"), let tensor = other(gain, than: node(last).outputs[0]),
      isTensor(tensor), number(tensor) == nil
    {
      nodes.append(last)
      last = gain
      inputs.append(tensor)
      if isCentred, let shift = reader(of: last, "Add"),
        let tensor = other(shift, than: node(last).outputs[0]), isTensor(tensor),
        number(tensor) == nil
      {
        nodes.append(last)
        last = shift
        inputs.append(tensor)
      }
    }
    replace(
      nodes + [last], by: isCentred ? "LayerNormalization" : "RMSNormalization", inputs, last: last,
      ["axis": .integers([axis]), "epsilon": .numbers([epsilon]), "isSole": .integers([1])])
  }

  /// The square root of what a node makes, or one over it.
  private func root(of index: Int) -> (value: String, nodes: [Int], isInverse: Bool)? {
    if let root = reader(of: index, "Sqrt") {
      let value = node(root).outputs[0]
      if let inverse = reader(of: root, "Reciprocal") {
        return (node(inverse).outputs[0], [root, inverse], true)
      }
      if let inverse = reader(of: root, "Div"), isNumber(node(inverse).inputs[0], 1),
        node(inverse).inputs[1] == value
      {
        return (node(inverse).outputs[0], [root, inverse], true)
      }
      return (value, [root], false)
    }
    guard let power = reader(of: index, "Pow") else { return nil }
    if isNumber(node(power).inputs[1], 0.5) { return (node(power).outputs[0], [power], false) }
    if isNumber(node(power).inputs[1], -0.5) { return (node(power).outputs[0], [power], true) }
    return nil
  }

  /// The quotient of a value and a root.
  private func quotient(
    of value: String, _ root: (value: String, nodes: [Int], isInverse: Bool)
  ) -> (nodes: [Int], last: Int)? {
    guard let end = root.nodes.last,
      let last = reader(of: end, root.isInverse ? "Mul" : "Div")
    else { return nil }
    let inputs = node(last).inputs
    let fits =
      root.isInverse ? other(last, than: root.value) == value : inputs == [value, root.value]
    return fits ? ([], last) : nil
  }

  /// Group normalisation as an instance normalisation of groups that a reshape makes.
  mutating func joinGroups(_ index: Int) {
    let instance = node(index)
    guard instance.inputs.count >= 3, let gains = graph.constants[instance.inputs[1]],
      gains.allSatisfy({ $0 == 1 }),
      graph.constants[instance.inputs[2]]?.allSatisfy({ $0 == 0 }) == true, gains.count > 0,
      let before = maker(instance.inputs[0], "Reshape"),
      reader(of: before, "InstanceNormalization") == index,
      let shape = graph.constants[node(before).inputs[1]], shape.count == 3,
      shape[1] == Double(gains.count), var last = reader(of: index, "Reshape"),
      node(last).inputs[0] == instance.outputs[0]
    else { return }
    var nodes = [before, index, last]
    var inputs = [node(before).inputs[0], "", "", node(last).inputs[1]]
    if let gain = reader(of: last, "Mul"), let tensor = other(gain, than: node(last).outputs[0]),
      isTensor(tensor)
    {
      nodes.append(gain)
      last = gain
      inputs[1] = tensor
      if let shift = reader(of: last, "Add"),
        let tensor = other(shift, than: node(last).outputs[0]),
        isTensor(tensor)
      {
        nodes.append(shift)
        last = shift
        inputs[2] = tensor
      }
    }
    let epsilon = instance.attributes["epsilon"] ?? .numbers([1e-5])
    replace(
      nodes, by: "GroupNormalization", inputs, last: last,
      ["num_groups": .integers([gains.count]), "epsilon": epsilon])
  }
}
