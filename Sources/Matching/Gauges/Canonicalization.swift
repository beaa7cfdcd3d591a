import LinearAlgebra
import ModelGraph
import Support
import Tensors

/// Brings a network to a form in which what is left of its symmetries keeps distances: gains folded into
/// the kernels that read them, constants moved into biases, means that nothing sees taken away, factors
/// balanced between kernels that multiply each other.
///
/// The order of the steps is that of sections 3.1, 3.2 and 3.6 of the literature on rotation symmetries:
/// SliceGPT (Ashkboos et al. 2024) for the folding, all in Float64.
struct Canonicalization {
  /// The steps so far.
  private(set) var transform = GaugeTransform()
  private let symmetries: NetworkSymmetries
  private let weights: Weights

  /// Works the steps out for one network.
  ///
  /// - Throws: `Diagnostic(.badData)` where a tensor is missing.
  init(_ weights: Weights, _ symmetries: NetworkSymmetries) throws {
    self.weights = weights
    self.symmetries = symmetries
    for fold in symmetries.scaleFolds { try append(fold) }
    for fold in symmetries.folds { try append(fold) }
    for group in symmetries.groups {
      for attention in group.attentions { try moveConstants(attention) }
    }
    try removeMeans()
    for group in symmetries.groups {
      for attention in group.attentions { try balance(attention, groups: group.size) }
      if group.attentions.isEmpty, group.slices.contains(where: { $0.role == .unsigned }) {
        try balance(group)
      }
    }
  }

  /// The tensor as it is after the steps so far.
  private func current(_ name: String) throws -> DoubleTensor {
    try transform.tensor(name, of: weights)
  }

  // MARK: Gains

  private mutating func append(_ fold: ScaleFold) throws {
    let gamma = try current(fold.gamma).values
    var places = [
      UnitPlaces(tensor: fold.kernel, axis: fold.outputAxis, starts: Array(gamma.indices))
    ]
    if let bias = fold.bias {
      places.append(UnitPlaces(tensor: bias, axis: 0, starts: Array(gamma.indices)))
    }
    transform.append(.map(places, .factors(gamma)))
    set(fold.gamma, from: gamma, to: 1)
  }

  private mutating func append(_ fold: NormFold) throws {
    guard let name = fold.gamma else { return }
    let stored = try current(name).values
    let gains = stored.map { $0 + fold.offset }
    if let beta = fold.beta {
      let shifts = try current(beta).values
      if fold.movesBeta {
        for reader in fold.readers {
          guard let bias = reader.bias else { continue }
          transform.append(
            .shift(
              BiasShift(
                bias: bias, kernel: reader.kernel, inputAxis: reader.inputAxis,
                entries: Array(shifts.indices), outputAxis: reader.outputAxis, input: shifts)))
        }
        set(beta, from: shifts, to: 0)
      } else {
        let places = UnitPlaces(tensor: beta, axis: 0, starts: Array(shifts.indices))
        transform.append(.map([places], .factors(gains.map { 1 / $0 })))
      }
    }
    let places = fold.readers.map {
      UnitPlaces(tensor: $0.kernel, axis: $0.inputAxis, starts: Array(gains.indices))
    }
    transform.append(.map(places, .factors(gains)))
    set(name, from: stored, to: 1 - fold.offset)
  }

  private mutating func set(_ tensor: String, from old: [Double], to value: Double) {
    transform.append(
      .set(
        ElementChange(
          tensor: tensor, entries: Array(old.indices), old: old,
          new: Array(repeating: value, count: old.count))))
  }

  // MARK: Constants

  /// A bias of the keys adds the same to all products of a query, and one of the values the same to what
  /// is mixed: softmax's weights add up to one.
  private mutating func moveConstants(_ attention: AttentionSymmetry) throws {
    if attention.ignoresKeyBias, let bias = attention.key.dropFirst().first {
      let values = try current(bias.tensor).values
      let entries = bias.starts.flatMap {
        Array(($0 + attention.rotaryWidth)..<($0 + attention.headWidth))
      }
      if !entries.isEmpty {
        transform.append(
          .set(
            ElementChange(
              tensor: bias.tensor, entries: entries, old: entries.map { values[$0] },
              new: entries.map { _ in 0 })))
      }
    }
    guard let bias = attention.value.dropFirst().first, let target = attention.outputBias else {
      return
    }
    let values = try current(bias.tensor).values
    let width = attention.valueWidth
    let entries = bias.starts.flatMap { Array($0..<($0 + width)) }
    let heads = attention.output.starts.indices
    transform.append(
      .shift(
        BiasShift(
          bias: target, kernel: attention.output.tensor, inputAxis: attention.output.axis,
          entries: heads.flatMap { head in
            (0..<width).map { attention.output.starts[head] + $0 }
          }, outputAxis: attention.outputUnitsAxis,
          input: heads.flatMap { head in
            (0..<width).map { values[bias.starts[head / attention.queriesPerGroup] + $0] }
          })))
    transform.append(
      .set(
        ElementChange(
          tensor: bias.tensor, entries: entries, old: entries.map { values[$0] },
          new: entries.map { _ in 0 })))
  }

  // MARK: Means

  /// Layer normalisation sees no mean: what is written to a stream that only it reads is centred, and so
  /// is what reads a normalisation without shifts.
  private mutating func removeMeans() throws {
    for group in symmetries.groups where group.isCentred {
      for slice in group.slices where slice.role == .writer {
        try removeMean(UnitPlaces(slice))
      }
      let kernels = symmetries.folds.filter { $0.beta == nil || $0.movesBeta }.flatMap(\.readers)
      let centred = Set(kernels.map(\.kernel))
      for slice in group.slices where slice.role == .reader && centred.contains(slice.tensor) {
        try removeMean(UnitPlaces(slice))
      }
    }
  }

  private mutating func removeMean(_ places: UnitPlaces) throws {
    let tensor = try current(places.tensor)
    if let term = CommonTerm(meanOf: places, tensor) { transform.append(.add(term)) }
  }

  // MARK: Balance

  /// Values and what reads them get the same Gram matrices, queries and keys, too, where nothing but
  /// their product counts; planes that are turned by position get one factor each.
  private mutating func balance(_ attention: AttentionSymmetry, groups: Int) throws {
    // The heads' channels are apart: none of their balances changes another's sums.
    let names = (attention.query + attention.key + attention.value + [attention.output])
      .map(\.tensor)
    var tensors: [String: DoubleTensor] = [:]
    for name in Set(names) { tensors[name] = try current(name) }
    for group in 0..<groups {
      let queries =
        (group * attention.queriesPerGroup)..<((group + 1) * attention.queriesPerGroup)
      let values = attention.value.map { UnitPlaces($0, head: group, width: attention.valueWidth) }
      let outputs = queries.map {
        UnitPlaces(attention.output, head: $0, width: attention.valueWidth)
      }
      append(
        try UnitBalance.general(gram(values, tensors), gram(outputs, tensors)), values, outputs)
      if attention.isNormalized { continue }
      let keys = attention.key.map { UnitPlaces($0, head: group, width: attention.headWidth) }
      let asked = attention.query.flatMap { slice in
        queries.map { UnitPlaces(slice, head: $0, width: attention.headWidth) }
      }
      append(
        try UnitBalance.mixed(
          gram(asked, tensors), gram(keys, tensors), planes: attention.planes), asked, keys)
    }
  }

  private mutating func append(
    _ map: UnitMap, _ first: [UnitPlaces], _ second: [UnitPlaces]
  ) {
    transform.append(.map(first, map))
    // What the first is multiplied by, the second is divided by: the transposed inverse.
    guard case .matrix(let matrix, let inverse) = map else {
      return transform.append(.map(second, map.inverse))
    }
    transform.append(
      .map(second, .matrix(inverse.transposed(), inverse: matrix.transposed())))
  }

  private func gram(_ places: [UnitPlaces], _ tensors: [String: DoubleTensor]) -> Matrix<Double> {
    let units = places.first?.starts.count ?? 0
    var gram = Matrix<Double>(zeros: units, units)
    for places in places {
      guard let tensor = tensors[places.tensor],
        let blocks = UnitBlocks(places, shape: tensor.shape)
      else { continue }
      UnitBalance.addGram(of: tensor.values, blocks, to: &gram)
    }
    return gram
  }

  /// The factors of gated units: what makes them and what reads them get the same norms.
  private mutating func balance(_ group: SymmetryGroup) throws {
    func places(_ role: SymmetrySlice.Role) -> [UnitPlaces] {
      group.slices.filter { $0.role == role }.map(UnitPlaces.init)
    }
    let (up, down) = (places(.writer), places(.reader))
    guard !up.isEmpty, !down.isEmpty else { return }
    let (made, read) = (try norms(up), try norms(down))
    let factors = zip(made, read).map { $0 > 0 && $1 > 0 ? ($1 / $0).squareRoot() : 1 }
    append(.factors(factors), up, down)
  }

  private func norms(_ places: [UnitPlaces]) throws -> [Double] {
    var sums = Array(repeating: 0.0, count: places.first?.starts.count ?? 0)
    for places in places {
      let tensor = try current(places.tensor)
      guard let blocks = UnitBlocks(places, shape: tensor.shape) else { continue }
      for outer in 0..<blocks.outer {
        for unit in sums.indices {
          let offset = blocks.offset(outer, unit)
          for index in offset..<(offset + blocks.block) {
            sums[unit] += tensor.values[index] * tensor.values[index]
          }
        }
      }
    }
    return sums.map { $0.squareRoot() }
  }
}
