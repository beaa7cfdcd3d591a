import WorkbenchCore

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
  /// Who vouches for it, if anyone.
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

  /// Adds α times some values of a tensor to a buffer.
  ///
  /// - Parameters:
  ///   - sum: as many numbers as are wanted.
  ///   - first: the index of the first element.
  func addValues(
    of tensor: SignatureTensor, to sum: UnsafeMutableBufferPointer<Double>, from first: Int,
    alpha: Double, _ space: inout PayloadSpace
  ) throws {
    let perByte = tensor.grid?.codesPerByte ?? 1
    let begin = tensor.grid == nil ? 4 * first : first / perByte
    let end = SignatureTensor.byteCount(of: first + sum.count, tensor.grid)
    try payload.withBytes((tensor.offset + begin)..<(tensor.offset + end), &space) { codes in
      guard let grid = tensor.grid else {
        for index in sum.indices {
          let bits = codes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          sum[index] += alpha * Double(Float(bitPattern: UInt32(littleEndian: bits)))
        }
        return
      }
      // Zero as -0: adding it changes nothing, the sign of a zero neither.
      let table = (0..<256).map { code in
        code == grid.zero ? -0.0 : alpha * grid.value(of: UInt8(code))
      }
      table.withUnsafeBufferPointer { table in
        guard perByte == 2 else {
          for index in sum.indices { sum[index] += table[Int(codes[index])] }
          return
        }
        let shift = first & 1
        for index in sum.indices {
          let place = index + shift
          sum[index] += table[Int(codes[place >> 1] >> (UInt8(place & 1) << 2) & 15)]
        }
      }
    }
  }

  /// The signature for a network whose units are in another arrangement.
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
    return Signature(
      manifest: manifest, manifestBytes: manifestBytes, payload: try builder.finish(), seal: seal)
  }
}
