import ArgumentParser
import WeightFiles
import WorkbenchCore

/// How much memory the weights may take.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Refuse to start where the weights take more memory (500M, 2G), and keep what is being \
      decoded within the rest.
      """, valueName: "size"))
  var maxMemory: String?

  func validate() throws { _ = try byteCount }

  /// The limit in bytes; nil without one.
  var byteCount: Int? {
    get throws { try maxMemory.map { try MemoryOptions.byteCount($0) } }
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
