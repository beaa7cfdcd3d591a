import Catalogs
public import ModelGraph
import Support
import Tensors
public import WeightFiles

/// Takes a robust weight signature out of three networks of one ancestor.
///
/// Per tensor, in Float64: `a = θ_standard − θ_pretrained`, `d = θ_robust − θ_pretrained`,
/// `RWS = d − (⟨d, a⟩ / ⟨a, a⟩) · a`, and `d` itself where `a` is zero. Parameters and statistics of
/// normalisations are taken over as they are in the robust network, as records of their own.
public enum SignatureExtraction {
  /// What is extracted, and how.
  public struct Options: Sendable {
    /// The signature's name.
    public var name: String
    /// The corruption, for the record.
    public var corruption: SignatureManifest.Corruption?
    /// Which layers.
    public var layers: LayerChoice
    /// Whether the direction of standard training is projected out.
    public var projects = true
    /// The number of levels, 2 to 256; nil for dense values.
    public var levels: Int? = 8
    /// Whether parameters and statistics of normalisations are taken over.
    public var takesNormalization = true
    /// The seed of the study, for the record: extraction itself has no chance in it.
    public var seed: UInt64 = 0
    /// What extracts: `wsl 0.1.0`.
    public var tool = "wsl"
    /// What the user states about the networks.
    public var statement = GraphStatement.none
    /// How many threads work; the bytes do not depend on it.
    public var jobs: Int?

    /// Makes options.
    public init(name: String, layers: LayerChoice) {
      self.name = name
      self.layers = layers
    }
  }

  /// How many bytes of tensors are in work at once, about; less where memory was limited.
  private static var batchByteCount: Int { min(256 << 20, MachineMemory.allowed) }

  /// Extracts a signature. Tensors are read a batch at a time.
  ///
  /// - Throws: `Diagnostic`: `usage` for impossible layers or levels; `badData` where the networks
  ///   differ in architecture, have no common ancestor, or hold numbers that are not finite; `failed`
  ///   where a tensor of the three networks takes more memory than there is or is allowed
  ///   (`MachineMemory`), before any is read.
  /// - Complexity: O(elements of the chosen layers), and one pass over the files for their SHA-256.
  public static func extract(
    pretrained: WeightFile, standard: WeightFile, robust: WeightFile, options: Options
  ) throws -> Signature {
    try findings(
      pretrained: pretrained, standard: standard, robust: robust, options: options
    ).signature
  }

  /// A signature, and what shows whether the three networks were given in their roles.
  public struct Findings: Sendable {
    /// The signature.
    public var signature: Signature
    /// Which ways the networks went.
    public var directions: FineTuneDirections
    /// Signs that they were exchanged.
    public var doubts: [RoleDoubt]
  }

  /// Extracts a signature, and looks at how the three networks are related. Errors and complexity are
  /// those of `extract`.
  public static func findings(
    pretrained: WeightFile, standard: WeightFile, robust: WeightFile, options: Options
  ) throws -> Findings {
    if let levels = options.levels {
      _ = try Grid(least: 0, largest: 0, levels: levels)
    }
    guard !options.name.isEmpty, options.name.utf8.count <= 200 else {
      throw Diagnostic(
        .usage, "a signature has a name of 1 to 200 bytes", remedy: "give \(setting: .name) fog")
    }
    let files = [pretrained, standard, robust]
    let architectures = try files.map { try Architecture($0, statement: options.statement) }
    let parts = try options.layers.tensors(of: architectures[0]).filter { part in
      options.takesNormalization || part.role == .kernel || part.role == .weight
    }
    let names = parts.map(\.name)
    let pairings = try pairings(files, architectures)
    let partners = try [1, 2].map { index in
      try Architecture.partners(
        of: names, in: pretrained, files[index], pairings[index - 1])
    }
    let entries = try names.indices.map { index in
      try [
        pretrained.entry(named: names[index]), standard.entry(named: partners[0][index]),
        robust.entry(named: partners[1][index]),
      ]
    }
    for entry in entries.joined() where !entry.elementType.isPatched {
      throw Diagnostic(
        .badData,
        "its elements are \(entry.elementType.rawValue), not numbers of 16 bits or more that are trained",
        at: [entry.name])
    }
    for index in entries.indices {
      do { try MachineMemory.check(heldByteCount(entries[index])) } catch let error as Diagnostic {
        throw error.inside(names[index])
      }
    }
    return try assemble(parts, entries, files, architectures[0], options)
  }

  /// How the tensors of the standard and of the robust network are found from those of the pretrained one.
  public static func pairings(
    pretrained: WeightFile, standard: WeightFile, robust: WeightFile,
    statement: GraphStatement
  ) throws -> [FilePairing] {
    let files = [pretrained, standard, robust]
    return try pairings(files, files.map { try Architecture($0, statement: statement) })
  }

  private static func pairings(
    _ files: [WeightFile], _ architectures: [Architecture]
  ) throws -> [FilePairing] {
    try [1, 2].map { try architectures[0].pairing(files[0], files[$0], architectures[$0]) }
  }

  /// How much memory a tensor takes while it is in work: in all three networks, with its codes.
  private static func heldByteCount(_ entries: [TensorEntry]) -> Int {
    let codes = entries[0].elementCount.multipliedReportingOverflow(by: MemoryLayout<Float>.size)
    return entries.reduce(codes.overflow ? .max : codes.partialValue) { sum, entry in
      let (more, overflow) = sum.addingReportingOverflow(entry.byteCount)
      return overflow ? .max : more
    }
  }

  private static func assemble(
    _ parts: [Architecture.Tensor], _ entries: [[TensorEntry]], _ files: [WeightFile],
    _ architecture: Architecture, _ options: Options
  ) throws -> Findings {
    let hasKernels = parts.contains { $0.role == .kernel }
    let isSampled = parts.map { hasKernels ? $0.role == .kernel : true }
    let sampledCount = isSampled.count { $0 }
    let grid = try options.levels.map { try Grid(least: 0, largest: 0, levels: $0) }
    let byteCount = parts.indices.reduce(0) { sum, index in
      let isCoded = [.kernel, .weight].contains(parts[index].role)
      return sum
        + SignatureTensor.byteCount(of: entries[index][0].elementCount, isCoded ? grid : nil)
    }
    var builder = PayloadBuilder(byteCount: byteCount, jobs: options.jobs)
    var tensors: [SignatureTensor] = []
    var kinship = [Double](repeating: 0, count: 5)
    var directions = FineTuneDirections()
    var offset = 0
    var begin = 0
    while begin < parts.count {
      var end = begin
      var held = 0
      while end < parts.count {
        let more = heldByteCount(entries[end])
        if end > begin, held + more > batchByteCount { break }
        held += more
        end += 1
      }
      let start = begin
      let batch = try Parallel.map(count: end - begin, jobs: options.jobs) { place in
        let index = start + place
        return try TensorExtraction(
          parts[index], entries: entries[index], files: files, options: options,
          sampled: isSampled[index]
            ? AncestorSample.indices(
              tensor: index, elementCount: entries[index][0].elementCount,
              kernelCount: sampledCount) : [])
      }
      for (place, found) in batch.enumerated() {
        var tensor = found.tensor
        tensor.offset = offset
        offset += found.codes.count
        if isSampled[start + place] {
          tensor.sample = AncestorSample.encode(found.sample)
          for index in kinship.indices { kinship[index] += found.kinship[index] }
        }
        if let own = found.directions { directions.add(own) }
        tensors.append(tensor)
        try builder.append(found.codes)
      }
      begin = end
    }
    let ancestry = try ancestry(kinship, files)
    let payload = try builder.finish()
    let manifest = SignatureManifest(
      name: options.name, corruption: options.corruption, tool: options.tool, seed: options.seed,
      architecture: architecture.fingerprint,
      options: SignatureManifest.Options(
        layers: options.layers.description, projection: options.projects, levels: options.levels,
        normalization: options.takesNormalization),
      inputs: SignatureManifest.Inputs(
        pretrained: try Digest.of(files[0]), standard: try Digest.of(files[1]),
        robust: try Digest.of(files[2])), ancestry: ancestry, tensors: tensors,
      payloadByteCount: payload.byteCount, payload: try payload.digest().hexadecimal)
    let digests = [manifest.inputs.pretrained, manifest.inputs.standard, manifest.inputs.robust]
    return Findings(
      signature: Signature(
        manifest: manifest, manifestBytes: try manifest.encoded(), payload: payload),
      directions: directions,
      doubts: RoleDoubt.found(in: files, digests: digests, directions: directions))
  }

  /// The cosines of the two networks with the pretrained one.
  private static func ancestry(
    _ sums: [Double], _ files: [WeightFile]
  ) throws -> SignatureManifest.Ancestry {
    let cosines = [1, 2].map { index in
      let norms = (sums[0] * sums[index]).squareRoot()
      return norms > 0 ? sums[2 + index] / norms : 0
    }
    for (index, cosine) in cosines.enumerated() where !(cosine >= AncestorSample.leastCosine) {
      let shown = (cosine * 1000).rounded() / 1000
      throw Diagnostic(
        .badData,
        "it does not descend from \(files[0].catalog.file): the cosine of their kernels is \(shown), and that of relatives is above \(AncestorSample.leastCosine)",
        at: [files[index + 1].catalog.file],
        remedy: "the standard and the robust network must be fine-tuned from the pretrained one")
    }
    return SignatureManifest.Ancestry(standard: Float(cosines[0]), robust: Float(cosines[1]))
  }
}
