/// A number of a model as far as it is known before any data are: a factor times lengths that only the
/// data decide, each by its name. `2·batch·steps` is one; a plain number has no names.
struct ONNXAmount: Hashable, Sendable {
  /// What the lengths are multiplied by.
  var factor: Double
  /// The names of the lengths, sorted; one that is squared stands twice.
  private(set) var names: [String]

  /// A plain number.
  init(_ factor: Double) {
    self.factor = factor
    names = []
  }

  /// A plain integer.
  init(_ value: Int) { self.init(Double(value)) }

  /// A length that only the data decide.
  init(named name: String) {
    factor = 1
    names = [name]
  }

  private init(_ factor: Double, _ names: [String]) {
    self.factor = factor
    self.names = factor == 0 ? [] : names.sorted()
  }

  /// The number; nil where the data decide it.
  var number: Double? { names.isEmpty ? factor : nil }
  /// The integer; nil where it is none, or the data decide it. Beyond 2^40 it is that: exporters write the
  /// largest numbers for the end of an axis.
  var integer: Int? {
    guard let number, number == number.rounded(), !number.isInfinite else { return nil }
    let most = Double(1 << 40)
    return Int(max(-most, min(most, number)))
  }
  /// Whether it is the number one.
  var isOne: Bool { number == 1 }

  /// The product.
  static func * (a: ONNXAmount, b: ONNXAmount) -> ONNXAmount {
    ONNXAmount(a.factor * b.factor, a.names + b.names)
  }

  /// The quotient where it holds whatever the data are; nil otherwise.
  ///
  /// - Parameter isWhole: whether it has to be a whole multiple.
  func divided(by other: ONNXAmount, isWhole: Bool) -> ONNXAmount? {
    guard other.factor != 0 else { return nil }
    var left = names
    for name in other.names {
      guard let place = left.firstIndex(of: name) else { return nil }
      left.remove(at: place)
    }
    let quotient = factor / other.factor
    guard !isWhole || quotient == quotient.rounded() else { return nil }
    return ONNXAmount(quotient, left)
  }

  /// The sum where it is one amount; nil otherwise.
  static func sum(_ a: ONNXAmount, _ b: ONNXAmount, sign: Double = 1) -> ONNXAmount? {
    if b.factor == 0 { return a }
    if a.factor == 0 { return ONNXAmount(sign * b.factor, b.names) }
    guard a.names == b.names else { return nil }
    return ONNXAmount(a.factor + sign * b.factor, a.names)
  }

  /// The product of several.
  static func product(_ amounts: some Sequence<ONNXAmount>) -> ONNXAmount {
    amounts.reduce(ONNXAmount(1), *)
  }
}
