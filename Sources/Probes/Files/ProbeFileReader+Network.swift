import Catalogs
import LinearAlgebra
import Support
import Tensors

extension ProbeFileReader {
  /// The network whose data sets' names begin with a prefix.
  func network(
    _ manifest: ProbeManifest, _ outputs: Int, below prefix: String
  ) throws -> KeptProbe {
    let branches = manifest.branches.compactMap(ProbeBranch.init(rawValue:))
    guard manifest.sizes.count == 3, branches.count == manifest.branches.count,
      // No product of these overflows.
      branches.count <= 4,
      (manifest.sizes + [manifest.textWidth ?? 1]).allSatisfy({ (1...1 << 15).contains($0) }),
      (1...1 << 28).contains(manifest.rows), (1...1 << 28).contains(manifest.columns),
      manifest.mean.isFinite, manifest.deviation.isFinite
    else {
      throw Diagnostic(.badData, "the sizes of its network make no sense", at: ["manifest"])
    }
    let shape = ProbeNetworkShape(
      rows: manifest.rows, columns: manifest.columns, probeCount: manifest.sizes[0],
      projectionCount: manifest.sizes[1], representationCount: manifest.sizes[2],
      branches: branches, standardises: manifest.standardises, rectifies: manifest.rectifies,
      head: manifest.textWidth.map { .aligned(textWidth: $0) } ?? .linear(outputs: outputs))
    let blocks = shape.blocks
    for block in blocks {
      let entry = try entry(prefix + "network/" + block.name, .float32)
      guard entry.shape == block.shape else {
        throw Diagnostic(
          .badData, "it has the shape \(entry.shape), not \(block.shape)",
          at: [prefix + "network/" + block.name])
      }
    }
    var parameters: [Float] = []
    for block in blocks { parameters += try floats(prefix + "network/" + block.name).values }
    var texts: Matrix<Float>?
    if let width = manifest.textWidth {
      let found = try matrix(prefix + "texts")
      guard found.columns == width, found.rows == outputs else {
        throw Diagnostic(.badData, "they are not one of \(width) numbers a class", at: ["texts"])
      }
      texts = found
    }
    return .network(
      ProbeNetwork(shape: shape, parameters: parameters), mean: manifest.mean,
      deviation: manifest.deviation, texts: texts)
  }
}
