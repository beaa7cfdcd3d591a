import Foundation
import LinearAlgebra
public import Support

/// A transform as JSON: a list of steps. Numbers of matrices are base64 of little-endian Float64, row-major,
/// so that none is rounded and a file stays small.
extension GaugeTransform: Encodable {
  private enum Key: String, CodingKey {
    case step, places, order, factors, size, matrix, inverse, isRotation
    case bias, kernel, inputAxis, outputAxis, entries, input, sign, tensor, old, new, values
    case tensors
  }

  private struct Places: Encodable {
    var tensor: String
    var axis: Int
    var starts: [Int]
    var width: Int

    init(_ places: UnitPlaces) {
      (tensor, axis, starts, width) = (places.tensor, places.axis, places.starts, places.width)
    }
  }

  private struct Step: Encodable {
    var step: GaugeStep

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      switch step {
      case .map(let places, let map):
        try container.encode("map", forKey: .step)
        try container.encode(places.map(Places.init), forKey: .places)
        switch map {
        case .order(let order, let factors):
          try container.encode(order, forKey: .order)
          try container.encodeIfPresent(factors, forKey: .factors)
        case .matrix(let matrix, let inverse):
          try container.encode(matrix.rows, forKey: .size)
          try container.encode(packed(matrix.values), forKey: .matrix)
          if inverse == matrix.transposed() {
            try container.encode(true, forKey: .isRotation)
          } else {
            try container.encode(packed(inverse.values), forKey: .inverse)
          }
        }
      case .shift(let shift):
        try container.encode("shift", forKey: .step)
        try container.encode(shift.bias, forKey: .bias)
        try container.encode(shift.kernel, forKey: .kernel)
        try container.encode(shift.inputAxis, forKey: .inputAxis)
        try container.encode(shift.outputAxis, forKey: .outputAxis)
        try container.encode(shift.entries, forKey: .entries)
        try container.encode(packed(shift.input), forKey: .input)
        try container.encode(shift.sign, forKey: .sign)
      case .set(let change):
        try container.encode("set", forKey: .step)
        try container.encode(change.tensor, forKey: .tensor)
        try container.encode(change.entries, forKey: .entries)
        try container.encode(packed(change.old), forKey: .old)
        try container.encode(packed(change.new), forKey: .new)
      case .exchange(let exchange):
        try container.encode("exchange", forKey: .step)
        try container.encode(exchange.tensors, forKey: .tensors)
        try container.encode(exchange.order, forKey: .order)
      case .add(let term):
        try container.encode("add", forKey: .step)
        try container.encode([Places(term.places)], forKey: .places)
        try container.encode(packed(term.values), forKey: .values)
        try container.encode(term.sign, forKey: .sign)
      }
    }

    private func packed(_ values: [Double]) -> String {
      values.withUnsafeBytes { Data($0) }.base64EncodedString()
    }
  }

  /// Writes the steps down.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(steps.map(Step.init))
  }

  /// Reads steps that anyone may have written.
  ///
  /// - Throws: `Diagnostic(.badData)` where a step is none, or a number is not finite. Whether the steps
  ///   fit a network shows when they are applied.
  public init(_ value: JSONValue) throws {
    guard let list = value.array else { throw Self.broken("it is no list of steps") }
    self.init(try list.map(Self.step))
  }

  private static func broken(_ why: String) -> Diagnostic {
    Diagnostic(.badData, "the file's change of weights is damaged: \(why)")
  }

  private static func step(_ value: JSONValue) throws -> GaugeStep {
    switch value["step"]?.string {
    case "map": return .map(try places(value), try map(value))
    case "shift":
      guard let bias = value["bias"]?.string, let kernel = value["kernel"]?.string,
        let inputAxis = value["inputAxis"]?.integer, let outputAxis = value["outputAxis"]?.integer,
        let sign = value["sign"]?.number, sign.magnitude == 1
      else { throw broken("a shift lacks a part") }
      let entries = try integers(value["entries"])
      return .shift(
        BiasShift(
          bias: bias, kernel: kernel, inputAxis: inputAxis, entries: entries,
          outputAxis: outputAxis, input: try numbers(value["input"], count: entries.count),
          sign: sign))
    case "set":
      guard let tensor = value["tensor"]?.string else { throw broken("a tensor has no name") }
      let entries = try integers(value["entries"])
      return .set(
        ElementChange(
          tensor: tensor, entries: entries, old: try numbers(value["old"], count: entries.count),
          new: try numbers(value["new"], count: entries.count)))
    case "add":
      guard let places = try places(value).first, let sign = value["sign"]?.number,
        sign.magnitude == 1
      else { throw broken("a term lacks a part") }
      return .add(
        CommonTerm(places: places, values: try numbers(value["values"], count: nil), sign: sign))
    case "exchange":
      let order = try integers(value["order"])
      try Permuting.validate(order)
      let tensors = (value["tensors"]?.array ?? []).map { ($0.array ?? []).compactMap(\.string) }
      guard tensors.count == order.count, Set(tensors.map(\.count)).count == 1,
        Set(tensors.joined()).count == tensors.joined().count
      else { throw broken("experts do not have one tensor each in every place") }
      return .exchange(ExpertExchange(tensors: tensors, order: order))
    default: throw broken("there is no such step")
    }
  }

  private static func places(_ value: JSONValue) throws -> [UnitPlaces] {
    guard let list = value["places"]?.array else { throw broken("a step has no places") }
    return try list.map { place in
      guard let tensor = place["tensor"]?.string, let axis = place["axis"]?.integer,
        let width = place["width"]?.integer, width > 0
      else { throw broken("a place lacks a part") }
      return UnitPlaces(
        tensor: tensor, axis: axis, starts: try integers(place["starts"]), width: width)
    }
  }

  private static func map(_ value: JSONValue) throws -> UnitMap {
    if value["order"] != nil {
      let order = try integers(value["order"])
      try Permuting.validate(order)
      let factors = value["factors"]?.array?.compactMap(\.number)
      guard factors.map({ $0.count == order.count }) ?? true,
        factors?.allSatisfy({ $0.isFinite && $0 != 0 }) ?? true
      else { throw broken("a factor is no number but zero") }
      return .order(order, factors: factors)
    }
    guard let size = value["size"]?.integer, size > 0, size < 1 << 20 else {
      throw broken("a matrix has no size")
    }
    let matrix = Matrix(
      rows: size, columns: size, values: try numbers(value["matrix"], count: size * size))
    let inverse =
      value["isRotation"]?.bool == true
      ? matrix.transposed()
      : Matrix(
        rows: size, columns: size, values: try numbers(value["inverse"], count: size * size))
    // A map with another inverse than its own would change what the network computes.
    let product = BLAS.product(matrix, inverse)
    let isInverse = product.values.enumerated().allSatisfy { index, value in
      abs(value - (index % (size + 1) == 0 ? 1 : 0)) < 1e-6
    }
    guard isInverse else { throw broken("a matrix and its inverse do not fit each other") }
    return .matrix(matrix, inverse: inverse)
  }

  private static func integers(_ value: JSONValue?) throws -> [Int] {
    guard let list = value?.array else { throw broken("a list is missing") }
    let integers = list.compactMap(\.integer)
    guard integers.count == list.count, integers.allSatisfy({ $0 >= 0 }) else {
      throw broken("a list holds something else than places")
    }
    return integers
  }

  private static func numbers(_ value: JSONValue?, count: Int?) throws -> [Double] {
    guard let text = value?.string, let data = Data(base64Encoded: text), data.count % 8 == 0,
      count.map({ data.count == 8 * $0 }) ?? true
    else { throw broken("numbers are missing or are not as many as they should be") }
    let numbers = data.withUnsafeBytes { bytes in
      (0..<(bytes.count / 8)).map {
        bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self)
      }
    }
    guard numbers.allSatisfy(\.isFinite) else { throw broken("a number is not finite") }
    return numbers
  }
}
