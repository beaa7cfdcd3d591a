/// The sizes of a probe network and where its parameters lie, in one run of numbers.
///
/// ProbeX (Horwitz et al., "Learning on Model Weights using Tree Experts", CVPR 2025), for a matrix X
/// [rows, columns]: probe responses `S = X·U`, `P = relu(Sᵀ·Vᵀ)`, representation `e = M·vec(P) + b`
/// with vec probe by probe, and a head. MVProbe (ICML 2026) has four branches, each with probes and a
/// projection of its own and its response standardised, and one M over all of them.
public struct ProbeNetworkShape: Sendable, Hashable {
  /// What turns the representation into scores.
  public enum Head: Sendable, Hashable {
    /// A linear map to so many outputs.
    case linear(outputs: Int)
    /// The cosine between the representation and a learned linear map of a class's text embedding,
    /// which has so many numbers.
    case aligned(textWidth: Int)
  }

  /// The rows of the matrices.
  public var rows: Int
  /// The columns.
  public var columns: Int
  /// How many probes there are: r_U.
  public var probeCount: Int
  /// How long a projected response is: r_V.
  public var projectionCount: Int
  /// How long the representation is: r_T.
  public var representationCount: Int
  /// The ways in which a matrix is looked at.
  public var branches: [ProbeBranch]
  /// Whether each response is brought to mean 0 and deviation 1.
  public var standardises: Bool
  /// Whether negative projected responses become zero. Without, ProbeX is a dense linear map whose
  /// tensor has the Tucker ranks r_V, r_U, r_T.
  public var rectifies: Bool
  /// The head.
  public var head: Head

  /// Makes a shape.
  public init(
    rows: Int, columns: Int, probeCount: Int = 128, projectionCount: Int = 128,
    representationCount: Int = 128, branches: [ProbeBranch] = [.outputs],
    standardises: Bool = false, rectifies: Bool = true, head: Head
  ) {
    self.rows = rows
    self.columns = columns
    self.probeCount = probeCount
    self.projectionCount = projectionCount
    self.representationCount = representationCount
    self.branches = branches
    self.standardises = standardises
    self.rectifies = rectifies
    self.head = head
  }

  /// One matrix of parameters.
  public struct Block: Sendable, Hashable {
    /// Its name, as files have it.
    public var name: String
    /// Its shape; biases have one axis.
    public var shape: [Int]
    /// Where it begins.
    public var offset: Int
    /// How many numbers it sums over when it is applied: decides how it is drawn.
    public var fanIn: Int

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
    /// The place of its elements.
    var range: Range<Int> { offset..<offset + count }
  }

  /// How long the input of M is.
  var flatCount: Int { branches.count * probeCount * projectionCount }

  /// All parameters, in order: U and V of each branch, M and its bias, the head's matrix and bias.
  public var blocks: [Block] {
    var blocks: [Block] = []
    var offset = 0
    func add(_ name: String, _ shape: [Int], fanIn: Int) {
      blocks.append(Block(name: name, shape: shape, offset: offset, fanIn: fanIn))
      offset += shape.reduce(1, *)
    }
    for branch in branches {
      let inputs = branch.inputCount(rows: rows, columns: columns)
      let points = branch.pointCount(rows: rows, columns: columns)
      // The published code keeps the probes as the weight of a linear layer from probes to inputs.
      add("\(branch.rawValue)/probes", [inputs, probeCount], fanIn: probeCount)
      add("\(branch.rawValue)/projection", [projectionCount, points], fanIn: points)
    }
    add("encoder/kernel", [representationCount, flatCount], fanIn: flatCount)
    add("encoder/bias", [representationCount], fanIn: flatCount)
    switch head {
    case .linear(let outputs):
      add("head/kernel", [outputs, representationCount], fanIn: representationCount)
      add("head/bias", [outputs], fanIn: representationCount)
    case .aligned(let width):
      add("head/kernel", [representationCount, width], fanIn: width)
      add("head/bias", [representationCount], fanIn: width)
    }
    return blocks
  }

  /// The number of parameters.
  public var parameterCount: Int { blocks.reduce(0) { $0 + $1.count } }

  var encoder: (kernel: Block, bias: Block) {
    let blocks = blocks
    return (blocks[2 * branches.count], blocks[2 * branches.count + 1])
  }
  var headBlocks: (kernel: Block, bias: Block) {
    let blocks = blocks
    return (blocks[2 * branches.count + 2], blocks[2 * branches.count + 3])
  }
}
