/// A network as a picture: its layers from the top down, each below all that it reads.
public struct GraphDrawing: Sendable {
  /// A layer.
  public struct Node: Sendable {
    /// What it is called.
    public var name: String
    /// A second line: what it does.
    public var detail: String
    /// The places of the layers that it reads.
    public var inputs: [Int]

    /// Makes a layer.
    public init(name: String, detail: String, inputs: [Int]) {
      self.name = name
      self.detail = detail
      self.inputs = inputs
    }
  }

  /// What stands above.
  public var title: String
  /// A line under the title.
  public var subtitle: String
  /// The layers, each after all that it reads.
  public var nodes: [Node]

  /// Makes a picture. What a layer reads and does not stand before it is left out.
  public init(title: String, subtitle: String, nodes: [Node]) {
    self.title = title
    self.subtitle = subtitle
    self.nodes = nodes
  }

  /// Where a layer stands.
  struct Place: Hashable {
    /// The row, from the top.
    var row: Int
    /// The column, from the left.
    var column: Int
  }

  /// What a layer reads, of those before it.
  func inputs(of node: Int) -> [Int] {
    nodes[node].inputs.filter { (0..<node).contains($0) }
  }

  /// The rows: a layer stands below the lowest that it reads, in the first column that is free from that
  /// of its first input on.
  ///
  /// - Complexity: O(layers + inputs), but for rows that are full.
  var places: [Place] {
    var places: [Place] = []
    var taken: Set<Place> = []
    for node in nodes.indices {
      let inputs = inputs(of: node)
      let row = (inputs.map { places[$0].row }.max() ?? -1) + 1
      var place = Place(row: row, column: inputs.first.map { places[$0].column } ?? 0)
      while taken.contains(place) { place.column += 1 }
      taken.insert(place)
      places.append(place)
    }
    return places
  }

  /// The layers as comma-separated values: name, what it does, what it reads.
  public func csv() -> String {
    let rows = nodes.indices.map { node in
      let names = inputs(of: node).map { nodes[$0].name }.joined(separator: "; ")
      return [nodes[node].name, nodes[node].detail, names].map(\.escapedForCSV)
        .joined(separator: ",")
    }
    return (["layer,description,reads"] + rows).joined(separator: "\n") + "\n"
  }
}
