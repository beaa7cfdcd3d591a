/// The parameters of a recurrent layer.
public struct Recurrent: Sendable, Hashable {
  /// The cell. The gates stand in the order given, each a block of `units` columns.
  public enum Kind: String, Sendable, Hashable {
    /// One block.
    case simple = "simpleRNN"
    /// Blocks: input, forget, cell, output.
    case lstm
    /// Blocks: update z, reset r, candidate h (Keras).
    case gru

    /// How many states it has.
    public var stateCount: Int { self == .lstm ? 2 : 1 }

    /// How many blocks of `units` columns the kernels have.
    public var gateCount: Int {
      switch self {
      case .simple: 1
      case .lstm: 4
      case .gru: 3
      }
    }
  }

  /// In which order the gates stand, and where the biases are.
  public enum GateOrder: String, Sendable, Hashable {
    /// Keras's order, or for a GRU whose kernels are stored outputs first PyTorch's.
    case framework
    /// ONNX's: input, output, forget, cell; update, reset, candidate. The bias holds those of the input's
    /// products and then those of the state's, and tensors have an axis for the directions before theirs.
    case onnx
  }

  /// The cell.
  public var kind: Kind
  /// The length of the state.
  public var units: Int
  /// The function of the candidate and of the output.
  public var activation: Activation
  /// The function of the gates.
  public var gateActivation: Activation
  /// Whether the output has a row for every step, or the last state only.
  public var returnsSequences: Bool
  /// Whether the steps are read last to first.
  public var goesBackwards: Bool
  /// Whether, having gone backwards, the rows are put back in the order of the input (as the
  /// backward half of a bidirectional layer does).
  public var restoresOrder: Bool
  /// GRU: whether the reset gate is applied after the product (bias of shape [2, 3·units]).
  public var resetsAfter: Bool
  /// In which order the gates stand.
  public var gateOrder: GateOrder

  /// Makes the parameters.
  public init(
    kind: Kind, units: Int, activation: Activation = .tanh, gateActivation: Activation = .sigmoid,
    returnsSequences: Bool = false, goesBackwards: Bool = false, restoresOrder: Bool = false,
    resetsAfter: Bool = true, gateOrder: GateOrder = .framework
  ) {
    self.kind = kind
    self.units = units
    self.activation = activation
    self.gateActivation = gateActivation
    self.returnsSequences = returnsSequences
    self.goesBackwards = goesBackwards
    self.restoresOrder = restoresOrder
    self.resetsAfter = resetsAfter
    self.gateOrder = gateOrder
  }
}
