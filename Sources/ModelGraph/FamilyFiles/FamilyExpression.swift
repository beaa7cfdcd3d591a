import Catalogs
import Support

/// An expression of a family file: `config(num_attention_heads)`, `width // heads`,
/// `h.0.attn.c_attn.weight[1] / 3`, `has(pooler.dense.weight) and not config(add_cross_attention)`.
///
/// What is not known is `nothing`; arithmetic with it gives nothing, and `or` takes what stands after it.
indirect enum FamilyExpression: Hashable {
  case constant(FamilyValue)
  case variable(String)
  /// The length of an axis of a tensor; nothing where the file has no such tensor.
  case axis(tensor: String, Int)
  case call(String, [FamilyExpression])
  /// A function of a name: of a tensor, or of a key of the configuration.
  case query(String, String)
  case unary(String, FamilyExpression)
  case binary(String, FamilyExpression, FamilyExpression)
  case choice(FamilyExpression, then: FamilyExpression, otherwise: FamilyExpression)
  case list([FamilyExpression])

  /// The value in a scope.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a name is not known, or a count has gaps.
  func value(in scope: FamilyScope) throws -> FamilyValue {
    switch self {
    case .constant(let value): return value
    case .variable(let name):
      guard let value = scope.variables[name] else {
        throw Diagnostic(.badData, "there is no size '\(name)' here")
      }
      return value
    case .axis(let tensor, let axis):
      let shape = scope.tensors[try scope.filled(tensor)]?.shape
      return FamilyValue(shape.flatMap { $0.indices.contains(axis) ? $0[axis] : nil })
    case .query(let function, let name):
      return try Self.query(function, try scope.filled(name), scope)
    case .call(let function, let arguments):
      return try Self.call(function, try arguments.map { try $0.value(in: scope) })
    case .unary(let sign, let operand):
      let value = try operand.value(in: scope)
      if sign == "not" { return .flag(!value.holds) }
      return value.number.map { .number(-$0) } ?? .nothing
    case .binary("[", .variable(let name), let index) where scope.variables[name] == nil:
      // No size of this name: a tensor without a dot in its name.
      let shape = scope.tensors[name]?.shape
      let axis = try index.value(in: scope).integer
      return FamilyValue(
        axis.flatMap { axis in shape.flatMap { $0.indices.contains(axis) ? $0[axis] : nil } })
    case .binary(let sign, let left, let right):
      let value = try left.value(in: scope)
      if sign == "or" { return value.holds ? value : try right.value(in: scope) }
      if sign == "and" { return value.holds ? try right.value(in: scope) : value }
      return Self.combined(sign, value, try right.value(in: scope))
    case .choice(let condition, let then, let otherwise):
      return try condition.value(in: scope).holds
        ? then.value(in: scope) : otherwise.value(in: scope)
    case .list(let items): return .list(try items.map { try $0.value(in: scope) })
    }
  }

  private static func query(
    _ function: String, _ name: String, _ scope: FamilyScope
  ) throws -> FamilyValue {
    switch function {
    case "config": return scope.configured(name)
    case "stated": return scope.stated[name] ?? .nothing
    case "has": return .flag(scope.tensors.has(name))
    case "count": return FamilyValue(try scope.tensors.count(name))
    case "rank": return FamilyValue(scope.tensors[name]?.shape.count)
    default: throw Diagnostic(.badData, "there is no function '\(function)'")
    }
  }

  private static func call(_ function: String, _ arguments: [FamilyValue]) throws -> FamilyValue {
    let numbers = arguments.compactMap(\.number)
    guard numbers.count == arguments.count, let first = numbers.first else { return .nothing }
    switch function {
    case "min": return .number(numbers.min() ?? first)
    case "max": return .number(numbers.max() ?? first)
    case "sqrt": return first >= 0 ? .number(first.squareRoot()) : .nothing
    case "int": return first.isFinite ? .number(first.rounded(.towardZero)) : .nothing
    default: throw Diagnostic(.badData, "there is no function '\(function)'")
    }
  }

  private static func combined(
    _ sign: String, _ left: FamilyValue, _ right: FamilyValue
  ) -> FamilyValue {
    switch sign {
    case "==": return .flag(left == right)
    case "!=": return .flag(left != right)
    case "in":
      guard case .list(let items) = right else { return .flag(false) }
      return .flag(items.contains(left))
    default: break
    }
    if sign == "[" {
      guard case .list(let items) = left, let index = right.integer, items.indices.contains(index)
      else { return .nothing }
      return items[index]
    }
    let isComparison = ["<", "<=", ">", ">="].contains(sign)
    guard let x = left.number, let y = right.number else {
      return isComparison ? .flag(false) : .nothing
    }
    switch sign {
    case "<": return .flag(x < y)
    case "<=": return .flag(x <= y)
    case ">": return .flag(x > y)
    case ">=": return .flag(x >= y)
    case "+": return .number(x + y)
    case "-": return .number(x - y)
    case "*": return .number(x * y)
    case "**": return .number(power(x, y))
    default: break
    }
    guard y != 0 else { return .nothing }
    switch sign {
    case "//": return .number((x / y).rounded(.down))
    case "%": return .number(x - (x / y).rounded(.down) * y)
    default: return .number(x / y)
    }
  }

  /// Powers that descriptions need: whole ones, and roots.
  private static func power(_ x: Double, _ y: Double) -> Double {
    if y == 0.5 { return x.squareRoot() }
    if y == -0.5 { return 1 / x.squareRoot() }
    guard let count = Int(exactly: y), abs(count) <= 64 else { return .nan }
    let product = (0..<abs(count)).reduce(1.0) { result, _ in result * x }
    return count < 0 ? 1 / product : product
  }
}
