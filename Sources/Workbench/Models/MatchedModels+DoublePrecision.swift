import Catalogs
import Matching
import ModelGraph
public import Tensors
import WeightFiles

extension MatchedModels {
  /// Averaged weights as the bytes that the first file stores; tensors that all files store in
  /// Float64 are averaged again in Float64, since `merged` has them in Float32 only.
  ///
  /// - Parameters:
  ///   - merged: the mean, repaired or not; what a repair changed is added to the mean in Float64.
  ///   - shares: the share of each network.
  /// - Complexity: O(elements · networks), and memory for three copies of the Float64 tensors of
  ///   one network.
  public func replacements(_ merged: Weights, meanOf shares: [Double]) throws -> [String: [UInt8]] {
    let container = models[0].file
    var result = try container.replacements(merged)
    let names = merged.keys.filter { name in
      models.allSatisfy { model in
        let own = model.name(of: name)
        return (try? model.file.entry(named: own))?.elementType == .float64
      }
    }
    // A change by rotations is worked out for Float32 weights.
    guard !names.isEmpty, models.allSatisfy({ $0.changedWeights == nil }) else { return result }
    var means: [String: [Double]] = [:]
    var rounded: [String: [Double]] = [:]
    for (model, share) in zip(models, shares) where share != 0 {
      let parts = try floatParts(of: model, names)
      for name in names {
        let values = parts.map { $0[name]?.values ?? [] }
        guard let high = values.first, values.allSatisfy({ $0.count == high.count }) else {
          continue
        }
        var mean = means[name] ?? Array(repeating: 0, count: high.count)
        var coarse = rounded[name] ?? mean
        for index in high.indices {
          let exact = values.reduce(0.0) { $0 + Double($1[index]) }
          mean[index] += share * exact
          coarse[index] += share * Double(high[index])
        }
        means[name] = mean
        rounded[name] = coarse
      }
    }
    for name in names {
      guard let mean = means[name], let coarse = rounded[name], let own = merged[name]?.values,
        own.count == mean.count
      else { continue }
      // Nothing but zeros where no repair has changed the mean.
      let exact = mean.indices.map { index in
        mean[index] + (Double(own[index]) - Double(Float(coarse[index])))
      }
      guard exact.allSatisfy(\.isFinite) else { continue }
      result[name] = exact.withUnsafeBytes { Array($0) }
    }
    return result
  }

  /// A network's Float64 tensors as three sets of Float32 ones that add up to them exactly, so that
  /// they go the way of all weights: into the first network's axis order, and lined up with it.
  private func floatParts(of model: Model, _ names: [String]) throws -> [Weights] {
    var parts: [Weights] = [[:], [:], [:]]
    for name in names {
      let own = model.name(of: name)
      let entry = try model.file.entry(named: own)
      var rest = try model.file.readBytes(entry).withUnsafeBytes { bytes in
        (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
      }
      for place in parts.indices {
        let values = rest.map { Float($0) }
        parts[place][own] = Tensor(shape: entry.shape, values: values)
        for index in rest.indices { rest[index] -= Double(values[index]) }
      }
    }
    return parts.map { part in
      let aligned = model.pair?.alignedToA(part) ?? part
      guard let permutations = model.permutations else { return aligned }
      return Permuting.apply(permutations, of: model.groups ?? groups, to: aligned)
    }
  }
}

extension MatchedModels.Model {
  /// The name that a tensor of the first network has in this one's file.
  fileprivate func name(of name: String) -> String {
    guard let pair else { return name }
    return pair.tensorsBFromA[name] ?? ""
  }
}
