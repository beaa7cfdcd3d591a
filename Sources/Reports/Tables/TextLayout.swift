/// How text is laid out where it goes: plain and as wide as it is, unless a terminal says otherwise.
public struct TextLayout: Sendable {
  /// The layout of the text that is being made.
  @TaskLocal public static var current = TextLayout()

  /// How many characters a line has room for; nil where there is no end.
  public var width: Int?
  /// Whether headings are bold.
  public var isEmphasized: Bool
  /// What to do about columns that are left out.
  public var advice: String

  /// Describes a layout.
  public init(width: Int? = nil, isEmphasized: Bool = false, advice: String = "") {
    self.width = width
    self.isEmphasized = isEmphasized
    self.advice = advice
  }

  /// A line of headings.
  func heading(_ line: String) -> String {
    isEmphasized ? "\u{1B}[1m\(line)\u{1B}[0m" : line
  }

  /// What is said of columns that are left out.
  func note(_ titles: [String]) -> String {
    "(no room for: \(titles.joined(separator: ", "))\(advice.isEmpty ? "" : "; \(advice)"))"
  }
}
