import LinearAlgebra
import Networks
import Signatures
import Support
import Tensors

/// The signature of one robust network in the forms that the study compares.
public struct StudySignature: Sendable {
  /// How the values are stored.
  public enum Form: Sendable, Hashable {
    /// At so many levels.
    case levels(Int)
    /// As they are.
    case dense
    /// Without the projection, as they are.
    case unprojected
  }

  /// What is added, by form, then by tensor.
  private let values: [Form: [String: [Double]]]
  /// The largest cosine of the robust and the standard change in any tensor, over the kernels' count.
  let cosine: Double

  /// Extracts every form, of all layers.
  init(
    pretrained: LoadedModel, standard: LoadedModel, robust: LoadedModel, forms: [Form], name: String
  ) throws {
    var values: [Form: [String: [Double]]] = [:]
    var cosines: [Double] = []
    for form in forms {
      var options = SignatureExtraction.Options(name: name, layers: .all)
      options.jobs = 1
      options.levels = nil
      if case .levels(let count) = form { options.levels = count }
      options.projects = form != .unprojected
      let signature = try SignatureExtraction.extract(
        pretrained: pretrained.file, standard: standard.file, robust: robust.file,
        options: options)
      var table: [String: [Double]] = [:]
      for tensor in signature.manifest.tensors where tensor.kind.isAdded {
        table[tensor.name] = try signature.values(of: tensor)
        if form == .dense, let cosine = tensor.cosine { cosines.append(Double(cosine)) }
      }
      values[form] = table
    }
    self.values = values
    cosine = cosines.mean ?? .nan
  }

  /// A network with signatures on some of its tensors: `θ + Σ αᵢ·RWSᵢ` in Float64, rounded once.
  static func patch(
    _ weights: Weights, with added: [(signature: StudySignature, alpha: Double)],
    tensors: [String], form: Form
  ) -> Weights {
    var patched = weights
    for name in tensors {
      guard var tensor = patched[name] else { continue }
      let parts = added.compactMap { part in
        part.signature.values[form]?[name].map { (values: $0, alpha: part.alpha) }
      }
      for index in tensor.values.indices {
        var sum = Double(tensor.values[index])
        for part in parts { sum += part.alpha * part.values[index] }
        tensor.values[index] = Float(sum)
      }
      patched[name] = tensor
    }
    return patched
  }

  /// The cosine with another signature over some tensors.
  func cosine(with other: StudySignature, tensors: [String], form: Form) -> Double {
    var (product, own, its) = (0.0, 0.0, 0.0)
    for name in tensors {
      guard let left = values[form]?[name], let right = other.values[form]?[name],
        left.count == right.count
      else { continue }
      for index in left.indices {
        product += left[index] * right[index]
        own += left[index] * left[index]
        its += right[index] * right[index]
      }
    }
    let norms = (own * its).squareRoot()
    return norms > 0 ? product / norms : 0
  }
}
