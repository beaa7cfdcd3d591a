/// A figure of dots, one a thing, over two figures of it, in groups that differ by colour and by form.
public struct ScatterChart: Sendable {
  /// A dot.
  public struct Dot: Sendable {
    /// What it is.
    public var name: String
    /// The abscissa.
    public var x: Double
    /// The ordinate.
    public var y: Double
    /// The address that it leads to; nil for none.
    public var link: String?

    /// Makes a dot.
    public init(name: String, x: Double, y: Double, link: String? = nil) {
      self.name = name
      self.x = x
      self.y = y
      self.link = link
    }
  }

  /// Dots of one colour and form.
  public struct Group: Sendable {
    /// The name in the legend; empty where there is one group only.
    public var name: String
    /// The dots.
    public var dots: [Dot]

    /// Makes a group.
    public init(name: String, dots: [Dot]) {
      self.name = name
      self.dots = dots
    }
  }

  /// What stands above.
  public var title: String
  /// A line under the title.
  public var subtitle: String
  /// What the abscissa is, and whether it is drawn by its logarithm to the base of 10.
  public var x: Axis
  /// What the ordinate is.
  public var y: Axis
  /// The groups. Dots whose numbers an axis has no place for are left out.
  public var groups: [Group]

  /// An axis.
  public struct Axis: Sendable, Hashable {
    /// What it is.
    public var label: String
    /// Whether it is drawn by its logarithm to the base of 10: of numbers above 0.
    public var isLogarithmic: Bool

    /// Makes an axis.
    public init(_ label: String, isLogarithmic: Bool = false) {
      self.label = label
      self.isLogarithmic = isLogarithmic
    }
  }

  /// Makes a figure.
  public init(title: String, subtitle: String, x: Axis, y: Axis, groups: [Group]) {
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.groups = groups
  }

  /// The dots as comma-separated values with the columns name, group, x and y.
  public func csv() -> String {
    let rows = groups.flatMap { group in
      group.dots.map { dot in
        "\(dot.name.escapedForCSV),\(group.name.escapedForCSV),\(dot.x),\(dot.y)"
      }
    }
    return (["name,group,x,y"] + rows).joined(separator: "\n") + "\n"
  }
}
