/// A figure of things with several figures each: an axis a figure, side by side, and a line a thing.
public struct ParallelCoordinates: Sendable {
  /// A value on an axis.
  public enum Value: Sendable, Hashable {
    /// A finite number.
    case number(Double)
    /// A text.
    case text(String)
    /// None: the line is interrupted.
    case missing
  }

  /// A thing.
  public struct Line: Sendable {
    /// What it is.
    public var name: String
    /// The place of its group.
    public var group: Int
    /// A value for each axis.
    public var values: [Value]
    /// The address that it leads to; nil for none.
    public var link: String?

    /// Makes a line.
    public init(name: String, group: Int, values: [Value], link: String? = nil) {
      self.name = name
      self.group = group
      self.values = values
      self.link = link
    }
  }

  /// What stands above.
  public var title: String
  /// A line under the title.
  public var subtitle: String
  /// What each axis is.
  public var axes: [String]
  /// The names of the groups, which differ by colour.
  public var groups: [String]
  /// The lines.
  public var lines: [Line]

  /// Makes a figure. Each line has a value for each axis.
  public init(title: String, subtitle: String, axes: [String], groups: [String], lines: [Line]) {
    precondition(lines.allSatisfy { $0.values.count == axes.count }, "a value for each axis")
    self.title = title
    self.subtitle = subtitle
    self.axes = axes
    self.groups = groups
    self.lines = lines
  }

  /// Where the values of one axis stand.
  enum Scale {
    case numbers(AxisScale)
    /// Texts, the first at the bottom.
    case texts([String])

    /// Where a value stands: 0 at the lower end, 1 at the upper; nil where it has no place.
    func position(_ value: Value) -> Double? {
      switch (self, value) {
      case (.numbers(let scale), .number(let number)):
        return AxisScale.holds(number) ? scale.position(number) : nil
      case (.texts(let texts), .text(let text)):
        guard let place = texts.firstIndex(of: text) else { return nil }
        return (Double(place) + 0.5) / Double(texts.count)
      case (.texts, .number(let number)):
        return position(.text(NumberFormat.significant(number)))
      default: return nil
      }
    }
  }

  /// The scale of each axis: of texts where one value is a text.
  var scales: [Scale] {
    axes.indices.map { axis in
      let values = lines.map { $0.values[axis] }
      var texts: Set<String> = []
      var numbers: [Double] = []
      for value in values {
        switch value {
        case .number(let number): numbers.append(number)
        case .text(let text): texts.insert(text)
        case .missing: break
        }
      }
      guard texts.isEmpty else {
        texts.formUnion(numbers.map { NumberFormat.significant($0) })
        return .texts(texts.sorted(by: >))
      }
      // There is no seed one and a half.
      let areWhole = numbers.allSatisfy { $0 == $0.rounded() }
      return .numbers(
        AxisScale(holding: numbers, tickCount: 6, minimumStep: areWhole ? 1 : 0))
    }
  }

  /// The things as comma-separated values: name, group, and a column for each axis.
  public func csv() -> String {
    let heading = (["name", "group"] + axes).map(\.escapedForCSV).joined(separator: ",")
    let rows = lines.map { line in
      let cells = line.values.map { value in
        switch value {
        case .number(let number): "\(number)"
        case .text(let text): text.escapedForCSV
        case .missing: ""
        }
      }
      let group = groups.indices.contains(line.group) ? groups[line.group] : ""
      return ([line.name.escapedForCSV, group.escapedForCSV] + cells).joined(separator: ",")
    }
    return ([heading] + rows).joined(separator: "\n") + "\n"
  }
}
