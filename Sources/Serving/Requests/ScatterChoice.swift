/// What a scatter of two columns shows; all of it stands in the address.
struct ScatterChoice {
  /// The columns.
  var x: String
  var y: String
  /// The column that colours; nil for none.
  var color: String?
  /// Whether an axis is drawn by its logarithm.
  var xIsLogarithmic: Bool
  var yIsLogarithmic: Bool
  /// An SQL expression over the columns; nil takes all models.
  var filter: String?

  /// What is likely to be looked at first: how good models are against what scans tell.
  private static let results = [
    "test_accuracy", "test_acc", "val_accuracy", "val_acc", "accuracy", "test_loss", "val_loss",
    "train_loss",
  ]

  /// Reads it from an address; what it does not say is chosen.
  init(_ query: Query, _ overview: ServedIndex.Overview) {
    let numbers = overview.numbers
    let usual = overview.usual.filter(numbers.contains)
    func first(_ wanted: [String], besides other: String? = nil) -> String {
      (wanted.first { numbers.contains($0) && $0 != other })
        ?? usual.first { $0 != other && $0 != "id" }
        ?? numbers.first { $0 != other && $0 != "id" } ?? "parameters"
    }
    let y = query["y"] ?? first(Self.results)
    self.y = y
    // The usual columns are those in which models differ.
    x = query["x"] ?? first(["spectrum_alpha", "norms_l2"] + usual, besides: y)
    color = query["color"]
    xIsLogarithmic = query["xlog"] != nil
    yIsLogarithmic = query["ylog"] != nil
    filter = query["where"]
  }

  /// The question of the address.
  var query: Query {
    var items = [(name: "x", value: x), (name: "y", value: y)]
    if let color { items.append(("color", color)) }
    if xIsLogarithmic { items.append(("xlog", "1")) }
    if yIsLogarithmic { items.append(("ylog", "1")) }
    if let filter { items.append(("where", filter)) }
    return Query(items)
  }
}
