import Support
import WeightFiles

extension PatchPlan {
  /// The SHA-256 digests that the tensors had before any patch, as writing finds them: recorded ones, and
  /// those of tensors that were never patched.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a tensor is damaged.
  /// - Complexity: reads the tensors that were never patched.
  public func originalDigests(jobs: Int? = nil) throws -> [String: String] {
    let known = Dictionary(
      (old?.tensors ?? []).map { ($0.name, $0.original) }, uniquingKeysWith: { first, _ in first })
    let fresh = tensors.filter { known[$0] == nil }
    let digests = try Parallel.map(count: fresh.count, jobs: jobs) { index in
      try Digest.of(file.readBytes(file.entry(named: fresh[index]), jobs: 1))
    }
    return known.merging(zip(fresh, digests)) { recorded, _ in recorded }
  }
}
