import CPatching
import Support

/// A robust weight signature: how training against a corruption moved a network's weights, apart from
/// what ordinary training does.
///
/// Cai, Zhang et al., "Robust Weight Signatures: Gaining Robustness as Easy as Patching Weights?",
/// ICML 2023.
public struct Signature: Sendable, Hashable {
  /// What it is.
  public let manifest: SignatureManifest
  /// The manifest's text as it was written: what an Ed25519 signature vouches for.
  let manifestBytes: [UInt8]
  /// Codes and values.
  let payload: Payload
  /// Who is said to vouch for it, if anyone: `isSealed(by:)` tells whether it is so.
  public var seal: SignatureSeal?

  /// Makes a signature whose manifest and payload belong together.
  init(
    manifest: SignatureManifest, manifestBytes: [UInt8], payload: Payload,
    seal: SignatureSeal? = nil
  ) {
    self.manifest = manifest
    self.manifestBytes = manifestBytes
    self.payload = payload
    self.seal = seal
  }

  /// The name under which it stands in a stack.
  public var name: String { manifest.name }
  /// What names it for good: the SHA-256 of its manifest, which has that of its codes.
  public var identifier: String { Digest.of(manifestBytes) }

  /// The values of a tensor: what is added to it at α = 1, or takes its place.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the codes are damaged.
  /// - Complexity: O(elements).
  public func values(of tensor: SignatureTensor) throws -> [Double] {
    var space = PayloadSpace()
    var values = [Double](repeating: 0, count: tensor.elementCount)
    try values.withUnsafeMutableBufferPointer { values in
      try addValues(of: tensor, to: values, from: 0, alpha: 1, &space)
    }
    return values
  }

  /// Adds α times some values of a tensor to a buffer, or puts them there.
  ///
  /// - Parameters:
  ///   - sum: as many numbers as are wanted.
  ///   - first: the index of the first element.
  ///   - overwrites: whether what is in the buffer does not count.
  func addValues(
    of tensor: SignatureTensor, to sum: UnsafeMutableBufferPointer<Double>, from first: Int,
    alpha: Double, overwrites: Bool = false, _ space: inout PayloadSpace
  ) throws {
    let perByte = tensor.grid?.codesPerByte ?? 1
    let begin = tensor.grid == nil ? 4 * first : first / perByte
    let end = SignatureTensor.byteCount(of: first + sum.count, tensor.grid)
    try payload.withBytes((tensor.offset + begin)..<(tensor.offset + end), &space) { codes in
      guard let source = codes.baseAddress, let target = sum.baseAddress else { return }
      guard let grid = tensor.grid else {
        wsl_decode_floats(source, alpha, overwrites ? 1 : 0, target, Int64(sum.count))
        return
      }
      // Zero as -0: adding it changes nothing, the sign of a zero neither.
      wsl_decode_codes(
        source.assumingMemoryBound(to: UInt8.self), perByte == 2 ? Int64(first & 1) : 0,
        Int32(perByte), Int32(grid.zero), Double(grid.step), alpha, overwrites ? 1 : 0, target,
        Int64(sum.count))
    }
  }

  /// The signature for a network whose units are in another arrangement: one of its own, with its own
  /// identifier, which names the one that it was made from. Nobody vouches for it.
  ///
  /// - Parameter move: takes a tensor, its codes or values, and the size of one, and gives them in the
  ///   other arrangement.
  public func rearranged(
    _ move: (SignatureTensor, [UInt8], _ elementByteCount: Int) throws -> [UInt8]
  ) throws -> Signature {
    var builder = PayloadBuilder(byteCount: payload.byteCount, jobs: nil)
    var space = PayloadSpace()
    for tensor in manifest.tensors {
      let codes = try payload.withBytes(tensor.range, &space) { bytes in
        tensor.grid?.unpacked(bytes, count: tensor.elementCount) ?? Array(bytes)
      }
      let moved = try move(tensor, codes, tensor.grid == nil ? 4 : 1)
      guard moved.count == codes.count else {
        throw Diagnostic(.failed, "an arrangement changed the size of a tensor", at: [tensor.name])
      }
      try builder.append(tensor.grid?.packed(moved) ?? moved)
    }
    let arranged = try builder.finish()
    var described = manifest
    described.payload = try arranged.digest().hexadecimal
    described.arrangedFrom = manifest.arrangedFrom ?? identifier
    return Signature(
      manifest: described, manifestBytes: try described.encoded(), payload: arranged)
  }
}
