import Archives
import ArgumentParser
import Support

/// How much memory the weights may take.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Refuse to start where the weights take more memory (500M, 2G), and keep what is being \
      decoded within the rest. No tensor, and no data set, is held that is larger.
      """, valueName: "size"))
  var maxMemory: String?

  func validate() throws { _ = try byteCount }

  /// The limit in bytes; nil without one.
  var byteCount: Int? {
    get throws { try maxMemory.map { try MemoryOptions.byteCount($0) } }
  }

  /// The limit in bytes, which holds for what is unpacked as well from here on; nil without one.
  func limit() throws -> Int? {
    let limit = try byteCount
    if let limit { MemoryOptions.bound(to: limit) }
    return limit
  }

  /// Bounds every piece of memory that is taken from here on, and half as much what is unpacked.
  static func bound(to limit: Int) {
    ScratchMemory.limit(to: limit / 2)
    MachineMemory.limit(to: limit, remedy: "raise --max-memory")
  }

  /// A size as users write it: a number, or one with K, M, G or T.
  static func byteCount(_ size: String, _ option: String = "--max-memory") throws -> Int {
    let units: [Character: Int] = ["K": 10, "M": 20, "G": 30, "T": 40]
    var digits = Substring(size.uppercased())
    if digits.hasSuffix("IB") {
      digits = digits.dropLast(2)
    } else if digits.hasSuffix("B") {
      digits = digits.dropLast()
    }
    let shift = digits.last.flatMap { units[$0] }
    if shift != nil { digits = digits.dropLast() }
    guard let number = Double(digits), number > 0,
      let count = Int(exactly: (number * Double(1 << (shift ?? 0))).rounded())
    else { throw ValidationError("\(option) takes a size, such as 500M or 2G.") }
    return count
  }
}

/// How much of decoded tensors a command that streams them holds at once.
struct StreamOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      How much of the decoded tensors is held at once (500M, 2G; default: 256M). Larger tensors are read \
      piece by piece; with the option, what can only be held as a whole is an error.
      """, valueName: "size"))
  var maxMemory: String?

  private static let usual = 256 << 20

  func validate() throws { _ = try limits }

  private var limits: (budget: Int, isStrict: Bool) {
    get throws {
      (try maxMemory.map { try MemoryOptions.byteCount($0) } ?? Self.usual, maxMemory != nil)
    }
  }

  /// The limit in bytes, and whether it is a promise. It holds for what is unpacked as well from here on.
  func limit() throws -> (budget: Int, isStrict: Bool) {
    let limits = try limits
    if limits.isStrict { MemoryOptions.bound(to: limits.budget) }
    return limits
  }
}
