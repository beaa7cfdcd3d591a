import Foundation

/// What the processor can compute several numbers at once with.
enum InstructionSet {
  /// What the kernel's name for a feature is called.
  private static let names: KeyValuePairs = [
    "sse4_2": "SSE4.2", "avx": "AVX", "fma": "FMA", "f16c": "F16C", "avx2": "AVX2",
    "avx512f": "AVX-512F", "avx512_vnni": "AVX-512 VNNI", "avx512_bf16": "AVX-512 BF16",
    "amx_tile": "AMX", "asimd": "NEON", "sve": "SVE",
  ]

  /// The instruction sets of this processor that make a difference here; empty where the system does
  /// not say.
  static var present: [String] {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = (text ?? "").split(separator: "\n").first {
      $0.hasPrefix("flags") || $0.hasPrefix("Features")
    }
    let flags = Set((line ?? "").split { $0 == " " || $0 == "\t" || $0 == ":" }.map(String.init))
    return names.filter { flags.contains($0.key) }.map(\.value)
  }
}
