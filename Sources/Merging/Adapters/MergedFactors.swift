import Catalogs
import LinearAlgebra
import ModelGraph
import Synchronization
import WeightFiles

/// The factors of the result, made in pairs and asked for one at a time: what is not asked for yet is
/// kept, so that a decomposition is made once.
final class MergedFactors: Sendable {
  private let merger: AdapterMerger
  private let waiting = Mutex<[String: [UInt8]]>([:])

  init(_ merger: AdapterMerger) { self.merger = merger }

  /// The elements of one factor, little-endian.
  ///
  /// - Throws: what reading throws; `Diagnostic` where a number does not fit its type.
  func bytes(of update: MergedUpdate, isLeft: Bool) throws -> [UInt8] {
    let (left, right) = (update.model.left.name, update.model.right.name)
    let wanted = isLeft ? left : right
    if let kept = waiting.withLock({ $0.removeValue(forKey: wanted) }) { return kept }
    let (pair, findings) = try update.factors(merger.inputs)
    merger.findings.add(findings, of: update.model.module)
    let type = update.elementType
    let bytes = [
      left: try type.bytes(narrowing: pair.left.values, of: left),
      right: try type.bytes(narrowing: pair.right.values, of: right),
    ]
    let other = isLeft ? right : left
    waiting.withLock { $0[other] = bytes[other] }
    return bytes[wanted] ?? []
  }
}
