/// What an ONNX model computes, as its nodes say it: a description, which is never run as it is.
///
/// The branches of an If stand among the nodes before it, under names that begin with the If's and the
/// branch's. The If then reads the condition, what the one branch makes, and what the other makes.
public struct ONNXGraph: Sendable, Hashable {
  /// One step: an operation on values, which are known by name.
  public struct Node: Sendable, Hashable {
    /// The node's own name; often empty.
    public var name = ""
    /// The operation: `Conv`, `Gemm`, …
    public var operation = ""
    /// The set of operations that it is of; empty for ONNX's own.
    public var domain = ""
    /// The values that it reads; empty where an optional one is left out.
    public var inputs: [String] = []
    /// The values of the graph around it that graphs within it read: the bodies of an If or a Loop.
    public var captured: [String] = []
    /// The values that it makes.
    public var outputs: [String] = []
    /// Its settings.
    public var attributes: [String: Attribute] = [:]
    /// Under which conditions it is computed: it is a node of the branches of these Ifs, outermost first.
    public var guards: [Guard] = []

    /// Makes an empty node.
    public init() {}
  }

  /// A condition under which a node of an If's branch is computed.
  public struct Guard: Sendable, Hashable {
    /// The value that decides.
    public var value: String
    /// Whether it has to be true.
    public var isTrue: Bool

    /// Makes a condition.
    public init(value: String, isTrue: Bool) {
      self.value = value
      self.isTrue = isTrue
    }
  }

  /// A setting of a node.
  public enum Attribute: Sendable, Hashable {
    case integers([Int])
    case numbers([Double])
    case text(String)
    case texts([String])
  }

  /// A value with the shape that the model states, where it states one; nil for lengths that only
  /// the data decide. The first is the batch.
  public struct Value: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The shape.
    public var shape: [Int?]?
    /// The names of lengths that only the data decide, as many as there are axes; two of one name are
    /// equal. Empty where the model names none.
    public var lengthNames: [String?]
    /// Whether its elements are integers; nil where the model does not say.
    public var isInteger: Bool?

    /// Makes a value.
    public init(
      name: String, shape: [Int?]?, lengthNames: [String?] = [], isInteger: Bool? = nil
    ) {
      self.name = name
      self.shape = shape
      self.lengthNames = lengthNames
      self.isInteger = isInteger
    }
  }

  /// What a small constant is beside its elements.
  public struct ConstantForm: Sendable, Hashable {
    /// Its shape.
    public var shape: [Int]
    /// Whether its elements are integers, which divide as such.
    public var isInteger: Bool

    /// Makes a form.
    public init(shape: [Int], isInteger: Bool) {
      self.shape = shape
      self.isInteger = isInteger
    }
  }

  /// The version of ONNX's own operations.
  public var version = 1
  /// The steps, each after those it reads.
  public var nodes: [Node] = []
  /// Where data come in; values with an initializer are not among them.
  public var inputs: [Value] = []
  /// What the network returns.
  public var outputs: [Value] = []
  /// Stated shapes of values in between.
  public var shapes: [String: [Int?]] = [:]
  /// The elements of constants of at most `mostElements`: lengths, axes, bounds.
  public var constants: [String: [Double]] = [:]
  /// The shapes and types of those constants, where they are known.
  public var constantForms: [String: ConstantForm] = [:]

  /// The largest constant whose elements are kept: a causal mask of 64 steps.
  public static let mostElements = 4096

  /// Makes an empty graph.
  public init() {}
}
