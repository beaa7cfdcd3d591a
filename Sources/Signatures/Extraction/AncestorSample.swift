import Catalogs
import Foundation
import LinearAlgebra
import Support
import WeightFiles

/// Some elements of a tensor, one byte each, by which it is told whether another network descends from
/// the same ancestor: fine-tuning turns weights by a few degrees, training anew by ninety.
enum AncestorSample {
  /// How many elements are taken of all tensors together, about.
  static let totalCount = 64
  /// Below this cosine, networks are not of one family. That of two independent samples of this size
  /// is below 0.4 in all but one of a thousand cases.
  static let leastCosine = 0.5

  /// The indices of the elements: drawn with a seed of their own, so that a reader draws the same.
  static func indices(tensor: Int, elementCount: Int, kernelCount: Int) -> [Int] {
    guard elementCount > 0, kernelCount > 0 else { return [] }
    let count = max(4, (totalCount + kernelCount - 1) / kernelCount)
    if elementCount <= count { return Array(0..<elementCount) }
    var random = SeededGenerator(seed: 0x5753_4C00).derived(UInt64(tensor))
    return (0..<count).map { _ in Int(random.next() % UInt64(elementCount)) }
  }

  /// Elements as they are kept: bytes with a common scale, in base 64.
  static func encode(_ values: [Double]) -> String {
    let largest = values.map(abs).max() ?? 0
    let bytes = values.map { value in
      UInt8(bitPattern: Int8(largest > 0 ? (127 * value / largest).rounded() : 0))
    }
    return Data(bytes).base64EncodedString()
  }

  /// What `encode` wrote, but for the scale; nil where it is damaged.
  static func decode(_ text: String) -> [Double]? {
    Data(base64Encoded: text).map { $0.map { Double(Int8(bitPattern: $0)) } }
  }

  /// The cosine of a signature's ancestor with a network, over the sampled elements; each tensor
  /// counts alike. Nil where the signature has no sample.
  ///
  /// - Parameter names: the names of the signature's tensors in the file.
  static func cosine(
    of signature: Signature, with file: WeightFile, names: [String]
  ) throws -> Double? {
    var (product, ours, theirs) = (0.0, 0.0, 0.0)
    let tensors = signature.manifest.tensors
    let kernelCount = tensors.count { $0.sample != nil }
    for (index, tensor) in tensors.enumerated() {
      guard let sample = tensor.sample.flatMap(decode) else { continue }
      let entry = try file.entry(named: names[index])
      let places = indices(
        tensor: index, elementCount: tensor.elementCount, kernelCount: kernelCount)
      guard places.count == sample.count, entry.elementCount == tensor.elementCount else {
        continue
      }
      let bytes = try file.readElements(entry, at: places)
      var values = [Double](repeating: 0, count: places.count)
      bytes.withUnsafeBytes { bytes in
        values.withUnsafeMutableBufferPointer { entry.elementType.doubles(bytes, to: $0) }
      }
      values = values.map { $0.isFinite ? $0 : 0 }
      let scale = values.map(abs).max() ?? 0
      for (one, two) in zip(sample, values) {
        let other = scale > 0 ? 127 * two / scale : 0
        product += one * other
        ours += one * one
        theirs += other * other
      }
    }
    guard ours > 0 else { return nil }
    return theirs > 0 ? product / (ours * theirs).squareRoot() : 0
  }
}
