import Archives
import Catalogs
import Support
import Tensors
public import WeightFiles

/// The files: HDF5 with two lists of bytes, `codes` (one tensor after the other) and `manifest`
/// (`PackedManifest`), both through the registered filter 32015 (zstd), and a few texts at the root.
extension Signature {
  private static let format = "wsl-rws/1"

  /// Reads a signature file and checks it, its codes' SHA-256 included.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is no such file, `badData` where it is damaged or
  ///   no signature.
  public static func read(_ path: String) async throws -> Signature {
    let file = try await WeightFile.open(
      path, as: "signature file", remedy: "\(action: .signatureExtract) makes one")
    do {
      let found = file.catalog.text("format")
      guard let found, found.hasPrefix("wsl-rws/"), file.catalog.tensor(named: "manifest") != nil
      else {
        throw Diagnostic(
          .badData, "this is no signature file",
          remedy: "\(action: .signatureExtract) makes one")
      }
      guard found == format else {
        throw Diagnostic(
          .badData, "it has the format \(found.prefix(20)), and this tool reads \(format)",
          remedy: "use a newer wsl")
      }
      let manifestBytes = try PackedManifest.text(
        file.readBytes(try bytes(named: "manifest", in: file)))
      let manifest = try SignatureManifest(parsing: manifestBytes)
      let entry = try bytes(named: "codes", in: file)
      guard entry.elementCount == manifest.payloadByteCount else {
        throw Diagnostic(.badData, "it has not as many codes as its manifest says")
      }
      let payload = try payload(entry, in: file)
      guard try payload.digest().hexadecimal == manifest.payload else {
        throw Diagnostic(
          .badData, "its codes are not those that its manifest names",
          remedy: "the file is damaged: take another copy")
      }
      return Signature(
        manifest: manifest, manifestBytes: manifestBytes, payload: payload,
        seal: try file.catalog.text("ed25519").map(SignatureSeal.init(parsing:)))
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  private static func bytes(named name: String, in file: WeightFile) throws -> TensorEntry {
    let entry = try file.entry(named: name)
    guard entry.elementType == .uint8, entry.shape.count == 1 else {
      throw Diagnostic(.badData, "it is no list of bytes", at: [name])
    }
    return entry
  }

  private static func payload(_ entry: TensorEntry, in file: WeightFile) throws -> Payload {
    if let stored = try file.storedBlocks(entry),
      stored.byteCount <= Payload.maximalBlockByteCount
    {
      return try Payload(
        byteCount: entry.elementCount, blockByteCount: stored.byteCount, blocks: stored.blocks)
    }
    // Written again by another tool, in another layout.
    var builder = PayloadBuilder(byteCount: entry.elementCount, jobs: nil)
    try builder.append(try file.readBytes(entry))
    return try builder.finish()
  }

  /// Writes the signature file. The same signature makes the same bytes.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  public func write(
    to path: String, overwrites: Bool, inputs: [WeightFile] = []
  ) throws {
    let packed = try PackedManifest.packed(manifestBytes)
    let frame = try Zstandard.compress(packed, level: 19)
    var texts = ["format": Signature.format, "name": manifest.name]
    texts["corruption"] = manifest.corruption?.type
    texts["ed25519"] = seal?.text
    try CompactHDF5(
      datasets: [
        CompactHDF5.Dataset(
          name: "codes", byteCount: payload.byteCount, blockByteCount: payload.blockByteCount,
          blocks: payload.blocks),
        CompactHDF5.Dataset(
          name: "manifest", byteCount: packed.count, blockByteCount: packed.count, blocks: [frame]),
      ], texts: texts
    ).write(to: path, overwrites: overwrites, inputs: inputs)
  }
}
