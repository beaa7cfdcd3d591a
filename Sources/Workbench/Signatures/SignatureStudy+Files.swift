import Catalogs
import Datasets
import Foundation
import Networks
import Signatures
import Support
import Tensors
import WeightFiles

extension SignatureStudy {
  /// What signatures come to as files.
  public struct Sizes: Sendable {
    /// The mean size of a signature file.
    public var signature: Double
    /// The size of the network's parameters as Float32.
    public var model: Double
  }

  /// What became of networks that were patched and restored.
  public struct Removals: Sendable {
    /// How many signatures were in the stack.
    public var signatures: Int
    /// In how many orders they were taken out.
    public var orders: Int
    /// How many tensors were compared.
    public var tensors: Int
    /// How many tensors had every bit again.
    public var restored: Int
    /// How many tensors the patch had changed.
    public var changed: Int
  }

  /// Writes the signature of every corruption of the first label set and seed, of `layerCount` layers.
  func files() throws -> (sizes: Sizes, signatures: [Signature]) {
    let models = zoo.lineages[0]
    let scratch = try ScratchFolder(fileName: "signature.h5")
    var total = 0
    var signatures: [Signature] = []
    for corruption in zoo.corruptions {
      guard let robust = models.runs[0].robust[corruption.kind] else { continue }
      let options = SignatureExtraction.Options(
        name: corruption.kind.rawValue, layers: .first(layerCount))
      let signature = try SignatureExtraction.extract(
        pretrained: models.pretrained.file, standard: models.runs[0].standard.file,
        robust: robust.file, options: options)
      try signature.write(to: scratch.file, overwrites: true)
      let attributes = try? FileManager.default.attributesOfItem(atPath: scratch.file)
      total += (attributes?[.size] as? NSNumber)?.intValue ?? 0
      signatures.append(signature)
    }
    let elements = models.pretrained.weights.values.reduce(0) { $0 + $1.values.count }
    return (
      Sizes(
        signature: Double(total) / Double(max(1, signatures.count)), model: Double(4 * elements)),
      signatures
    )
  }

  /// Patches the first standard network with some signatures and takes them out again in every
  /// order, comparing every byte of every tensor.
  func removals(of all: [Signature], count: Int) async throws -> Removals {
    let file = zoo.lineages[0].runs[0].standard.file
    let stack = Array(all.prefix(count))
    let architecture = try Architecture(file)
    let patched = try ScratchFolder(fileName: "patched.h5")
    let plan = try PatchPlan(
      file, edits: stack.map { .add($0, alpha: 0.7) }, architecture: architecture)
    _ = try await plan.write(
      to: patched.file, tool: "signature study", overwrites: true, jobs: jobs)
    let names = file.catalog.tensors.map(\.name)
    func bytes(_ file: WeightFile) throws -> [[UInt8]] {
      try names.map { try file.readBytes(file.entry(named: $0)) }
    }
    let original = try bytes(file)
    var result = Removals(
      signatures: stack.count, orders: 0, tensors: 0, restored: 0,
      changed: zip(original, try bytes(try await WeightFile.open(patched.file))).count {
        $0.0 != $0.1
      })
    for order in SignatureStudy.orders(of: stack.map(\.name)) {
      var current = patched
      for name in order {
        let model = try await WeightFile.open(current.file)
        let next = try ScratchFolder(fileName: "restored.h5")
        _ = try await PatchPlan(model, edits: [.remove(name)], architecture: architecture)
          .write(to: next.file, tool: "signature study", overwrites: true, jobs: jobs)
        current = next
      }
      let restored = try bytes(try await WeightFile.open(current.file))
      result.orders += 1
      result.tensors += names.count
      result.restored += zip(original, restored).count { $0.0 == $0.1 }
    }
    return result
  }

  /// Every order of some names.
  private static func orders(of names: [String]) -> [[String]] {
    guard names.count > 1 else { return [names] }
    return names.indices.flatMap { index -> [[String]] in
      var rest = names
      let first = rest.remove(at: index)
      return orders(of: rest).map { [first] + $0 }
    }
  }
}
