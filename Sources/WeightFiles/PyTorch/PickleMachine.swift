import WorkbenchCore

/// Reads a pickle as a description of values: it knows the 34 operations that PyTorch's own
/// `weights_only` loader allows and no other, looks no name up and calls nothing.
///
/// Memory grows with the pickle's size only: each operation makes at most one value, and values refer
/// to each other instead of being copied.
///
/// Reference: `torch/_weights_only_unpickler.py`; Python's `pickletools` for the operations.
struct PickleMachine {
  /// The operations of one pickle at most: a hundred thousand tensors take four million.
  static let operationLimit = 16 << 20
  /// The longest text; tensor names have tens of bytes.
  static let textLimit = 16 << 20
  /// Marks within marks.
  static let nestingLimit = 1000

  /// Whether classes that a TorchScript archive defines are taken for plain objects.
  var isScript = false
  /// All values.
  var nodes: [PickleNode] = []
  /// The elements of lists.
  var lists: [[PickleReference]] = []
  /// The members of dictionaries.
  var dictionaries: [[(key: PickleReference, value: PickleReference)]] = []

  /// How many members were copied from one dictionary to another.
  var copiedCount = 0
  /// How many operations were read, and how many bytes: what memory is measured by.
  private(set) var operationCount = 0
  private(set) var byteCount = 0
  /// The tensors that a persistent identifier names by a number, in a tar container.
  var numberedTensors: [Int: PickleTensor]?

  var stack: [PickleReference] = []
  var marks: [Int] = []
  var memo: [UInt32: PickleReference] = [:]

  /// The value of that number.
  subscript(reference: PickleReference) -> PickleNode { nodes[Int(reference)] }

  /// Reads one pickle and returns what it describes. Values of earlier pickles stay.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  /// - Complexity: O(bytes).
  mutating func read(_ input: inout PickleInput) throws -> PickleReference {
    (stack, marks, memo) = ([], [], [:])
    guard try input.byte() == 0x80 else {
      throw PickleMachine.refusal("this is no pickle of protocol 2, which PyTorch writes")
    }
    let version = try input.byte()
    guard version == 2 else {
      throw PickleMachine.refusal(
        "its pickle is of protocol \(version), and weights are read from protocol 2",
        remedy: "save it with torch.save(…, pickle_protocol=2)")
    }
    let start = input.position
    defer { byteCount += input.position - start }
    for _ in 0..<PickleMachine.operationLimit {
      operationCount += 1
      let code = try input.byte()
      guard let operation = PickleOperation(rawValue: code) else {
        throw PickleMachine.unknown(code)
      }
      if operation == .stop {
        let result = try pop()
        guard stack.isEmpty, marks.isEmpty else {
          throw PickleMachine.refusal("its pickle leaves values over")
        }
        return result
      }
      try run(operation, &input)
    }
    throw PickleMachine.refusal(
      "its pickle has more than \(PickleMachine.operationLimit) operations")
  }

  private mutating func run(_ operation: PickleOperation, _ input: inout PickleInput) throws {
    switch operation {
    case .stop: break
    case .proto:
      guard try input.byte() == 2 else { throw PickleMachine.refusal("it changes its protocol") }
    case .mark:
      guard marks.count < PickleMachine.nestingLimit else {
        throw PickleMachine.refusal("its pickle is nested too deeply")
      }
      marks.append(stack.count)
    case .none: push(.none)
    case .newTrue: push(.truth(true))
    case .newFalse: push(.truth(false))
    case .binInt: push(.integer(Int(Int32(bitPattern: try input.field(UInt32.self)))))
    case .binInt1: push(.integer(Int(try input.byte())))
    case .binInt2: push(.integer(Int(try input.field(UInt16.self))))
    case .binFloat:
      push(.float(Double(bitPattern: try input.field(UInt64.self).byteSwapped)))
    case .long1: push(PickleMachine.integer(try input.bytes(Int(try input.byte()))))
    case .binUnicode: try pushText(Int(try input.field(UInt32.self)), &input)
    case .shortBinString: try pushText(Int(try input.byte()), &input)
    case .emptyTuple: push(.tuple([]))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .tuple: push(.tuple(try popToMark()))
    case .emptyList, .emptySet: pushList([])
    case .emptyDict: pushDictionary()
    case .append:
      let value = try pop()
      try extend([value])
    case .appends: try extend(try popToMark())
    case .setItem:
      let value = try pop()
      let key = try pop()
      try insert([key, value])
    case .setItems: try insert(try popToMark())
    case .binPut: try remember(UInt32(try input.byte()))
    case .longBinPut: try remember(try input.field(UInt32.self))
    case .binGet: try recall(UInt32(try input.byte()))
    case .longBinGet: try recall(try input.field(UInt32.self))
    case .global:
      let module = String(decoding: try input.line(limit: 4096), as: UTF8.self)
      let member = String(decoding: try input.line(limit: 4096), as: UTF8.self)
      guard let name = PickleSymbols.name(module: module, member: member, isScript: isScript)
      else {
        throw PickleMachine.refusal(
          "its pickle asks for \(module).\(member), which weights do not need",
          remedy: "save the model's state_dict(), and never load a file like this with PyTorch "
            + "unless you trust it")
      }
      push(.symbol(name))
    case .reduce, .newObject:
      let arguments = try pop()
      let function = try pop()
      try call(function, arguments)
    case .build:
      let state = try pop()
      try build(state)
    case .persistentID:
      let identifier = try pop()
      try pushPersistent(identifier)
    }
  }
}
