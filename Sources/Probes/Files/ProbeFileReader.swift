import Catalogs
import LinearAlgebra
import Support
import Tensors
import WeightFiles

/// Reads the numbers of a probe's file. Sizes come from the data sets that are there, whose bytes the
/// file holds in one run; what the manifest says has to agree with them.
struct ProbeFileReader {
  private let file: WeightFile

  init(_ file: WeightFile) { self.file = file }

  /// The bytes of a data set.
  func bytes(_ name: String, _ type: ElementType) throws -> [UInt8] {
    let entry = try entry(name, type)
    return try file.readBytes(entry)
  }

  func entry(_ name: String, _ type: ElementType) throws -> TensorEntry {
    let entry = try file.entry(named: name)
    guard entry.elementType == type else {
      throw Diagnostic(
        .badData, "its elements are \(entry.elementType.rawValue), not \(type.rawValue)",
        at: [name])
    }
    switch entry.layout {
    case .contiguous, .inline: break
    default:
      // A data set without storage, or of few blocks, may say any size.
      throw Diagnostic(
        .badData, "it is not stored as one run of bytes", at: [name],
        remedy: "take the file that was written first")
    }
    return entry
  }

  /// The numbers of a data set of Float64 with so many axes.
  private func doubles(_ name: String, axes: Int) throws -> (shape: [Int], values: [Double]) {
    let entry = try entry(name, .float64)
    guard entry.shape.count == axes else {
      throw Diagnostic(.badData, "it has the shape \(entry.shape)", at: [name])
    }
    let raw = try file.readBytes(entry)
    let values = raw.withUnsafeBytes { buffer in
      (0..<buffer.count / 8).map {
        Double(
          bitPattern: UInt64(
            littleEndian: buffer.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)))
      }
    }
    guard values.allSatisfy(\.isFinite) else {
      throw Diagnostic(.badData, "a number is not finite", at: [name])
    }
    return (entry.shape, values)
  }

  func floats(_ name: String) throws -> Tensor {
    let tensor = try file.read(try entry(name, .float32))
    guard tensor.firstNonFinite == nil else {
      throw Diagnostic(.badData, "a number is not finite", at: [name])
    }
    return tensor
  }

  func matrix(_ name: String) throws -> Matrix<Float> {
    let tensor = try floats(name)
    guard tensor.shape.count == 2 else {
      throw Diagnostic(.badData, "it has the shape \(tensor.shape)", at: [name])
    }
    return Matrix(rows: tensor.shape[0], columns: tensor.shape[1], values: tensor.values)
  }

  /// The probe that a manifest describes.
  func probe(_ manifest: ProbeManifest) throws -> ProbeFile {
    func require(_ holds: Bool, _ what: String) throws {
      guard holds else {
        throw Diagnostic(
          .badData, "what it says of \(what) does not fit its numbers", at: ["manifest"])
      }
    }
    let outputs = manifest.task == "regression" ? 1 : manifest.classes.count
    try require(
      ["classes", "labels", "regression"].contains(manifest.task) && outputs > 0, "the task")
    try require(manifest.factor.isFinite && manifest.factor > 0, "shares")
    let names = Set(file.catalog.tensors.map(\.name))
    var centres: Matrix<Float>?
    if names.contains("centres") {
      let found = try matrix("centres")
      let (elements, overflows) = manifest.rows.multipliedReportingOverflow(by: manifest.columns)
      try require(
        found.rows == manifest.radii.count && manifest.trees.count == found.rows && !overflows
          && found.columns == elements && manifest.radii.allSatisfy { $0.isFinite }, "the trees")
      centres = found
    }
    let probe =
      if let experts = manifest.experts {
        try routed(manifest, experts, outputs: outputs, centres: centres)
      } else {
        try kept(manifest, outputs, below: "")
      }
    var known: Matrix<Float>?
    if names.contains("known") {
      let found = try matrix("known")
      guard case .network(let network, _, _, _) = probe,
        found.columns == network.shape.representationCount
      else {
        throw Diagnostic(
          .badData, "what it says of known models does not fit its network", at: ["known"])
      }
      known = found
    }
    return ProbeFile(
      manifest: manifest, probe: probe, centres: centres, known: known,
      roots: try roots(manifest))
  }

  /// The probe whose data sets' names begin with a prefix.
  func kept(
    _ manifest: ProbeManifest, _ outputs: Int, below prefix: String
  ) throws -> KeptProbe {
    func require(_ holds: Bool, _ what: String) throws {
      guard holds else {
        throw Diagnostic(
          .badData, "what it says of \(what) does not fit its numbers", at: ["manifest"])
      }
    }
    let names = Set(file.catalog.tensors.map(\.name))
    let kept: KeptProbe
    if !manifest.branches.isEmpty {
      kept = try network(manifest, outputs, below: prefix)
    } else if names.contains(prefix + "scores") {
      kept = .constant(try doubles(prefix + "scores", axes: 1).values)
    } else if names.contains(prefix + "means") {
      kept = .numbers(
        try ridge(below: prefix), ofMoments: manifest.method.hasPrefix("moments"))
    } else {
      let weights = try matrix(prefix + "weights")
      try require(
        manifest.rows > 0 && manifest.columns > 0
          && manifest.rows.multipliedReportingOverflow(by: manifest.columns)
            == (weights.columns, false),
        "the layer")
      let bias = try doubles(prefix + "bias", axes: 1).values
      try require(bias.count == weights.rows, "the bias")
      kept = .dense(weights: weights, bias: bias, rows: manifest.rows, columns: manifest.columns)
    }
    try require(kept.outputCount == outputs, "the classes")
    if case .numbers(let ridge, let ofMoments) = kept {
      let known =
        ofMoments
        ? manifest.columns.multipliedReportingOverflow(by: 2).partialValue
          &+ 2 &* RowMoments.places.count
        : manifest.tensors.count.multipliedReportingOverflow(by: 7).partialValue
      try require(ridge.means.count == known, "the tensors")
    }
    return kept
  }

  private func ridge(below prefix: String) throws -> NumberRidge {
    let (means, factors) = (
      try doubles(prefix + "means", axes: 1), try doubles(prefix + "factors", axes: 1)
    )
    let (weights, bias) = (
      try doubles(prefix + "weights", axes: 2), try doubles(prefix + "bias", axes: 1)
    )
    guard factors.shape == means.shape, weights.shape == bias.shape + means.shape else {
      throw Diagnostic(
        .badData, "its data sets do not fit each other", at: [prefix + "weights"])
    }
    return NumberRidge(
      means: means.values, factors: factors.values,
      weights: Matrix(rows: weights.shape[0], columns: weights.shape[1], values: weights.values),
      bias: bias.values)
  }

}
