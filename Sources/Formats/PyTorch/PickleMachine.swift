import Support

/// Reads a pickle of the protocols 2 to 5 as a description of values: it looks no name up and calls
/// nothing. What a name that is not known would make is an object of which only what it is given is
/// known; names that run things are refused wherever they stand.
///
/// Memory grows with the pickle's size only: each operation makes at most one value, and values refer
/// to each other instead of being copied.
///
/// Reference: `torch/_weights_only_unpickler.py`; Python's `pickletools` for the operations.
package struct PickleMachine {
  /// The operations of one pickle at most: a hundred thousand tensors take four million.
  package static let operationLimit = 16 << 20
  /// The longest text; tensor names have tens of bytes.
  package static let textLimit = 16 << 20
  /// Marks within marks.
  package static let nestingLimit = 1000
  /// The protocols that are read.
  package static let protocols: ClosedRange<UInt8> = 2...5

  /// Whether classes that a TorchScript archive defines are taken for plain objects.
  package var isScript = false
  /// Where in the input the bytes of values begin, for readers that want them; nil where none does.
  package var bytePlaces: [PickleReference: Int]?
  /// All values.
  package var nodes: [PickleNode] = []
  /// The elements of lists.
  package var lists: [[PickleReference]] = []
  /// The members of dictionaries.
  package var dictionaries: [[(key: PickleReference, value: PickleReference)]] = []
  /// The objects of classes that are not known.
  package var objects: [PickleObject] = []
  /// The first name that the pickle asked for and that is not known.
  package var firstUnknownName: String?

  /// How many members were copied from one dictionary to another.
  package var copiedCount = 0
  /// How many operations were read, and how many bytes: what memory is measured by.
  private(set) var operationCount = 0
  private(set) var byteCount = 0
  /// The tensors that a persistent identifier names by a number, in a tar container.
  package var numberedTensors: [Int: PickleTensor]?

  package var stack: [PickleReference] = []
  package var marks: [Int] = []
  package var memo: [UInt32: PickleReference] = [:]
  private var version: UInt8 = 2

  package init(
    isScript: Bool = false, bytePlaces: [PickleReference: Int]? = nil, nodes: [PickleNode] = [],
    lists: [[PickleReference]] = [],
    dictionaries: [[(key: PickleReference, value: PickleReference)]] = [],
    objects: [PickleObject] = [], firstUnknownName: String? = nil, copiedCount: Int = 0,
    operationCount: Int = 0, byteCount: Int = 0, numberedTensors: [Int: PickleTensor]? = nil,
    stack: [PickleReference] = [], marks: [Int] = [], memo: [UInt32: PickleReference] = [:]
  ) {
    self.isScript = isScript
    self.bytePlaces = bytePlaces
    self.nodes = nodes
    self.lists = lists
    self.dictionaries = dictionaries
    self.objects = objects
    self.firstUnknownName = firstUnknownName
    self.copiedCount = copiedCount
    self.operationCount = operationCount
    self.byteCount = byteCount
    self.numberedTensors = numberedTensors
    self.stack = stack
    self.marks = marks
    self.memo = memo
  }

  /// The value of that number.
  package subscript(reference: PickleReference) -> PickleNode { nodes[Int(reference)] }

  /// Counts values that were put together from another document than a pickle.
  package mutating func count(_ operations: Int, bytes: Int) {
    operationCount += operations
    byteCount += bytes
  }

  /// Reads one pickle and returns what it describes. Values of earlier pickles stay.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  /// - Complexity: O(bytes).
  package mutating func read(_ input: inout PickleInput) throws -> PickleReference {
    (stack, marks, memo) = ([], [], [:])
    guard try input.byte() == 0x80 else {
      throw PickleMachine.refusal("this is no pickle of a protocol that PyTorch writes")
    }
    version = try input.byte()
    guard PickleMachine.protocols.contains(version) else {
      throw PickleMachine.refusal(
        "its pickle is of protocol \(version), and weights are read from the protocols 2 to 5",
        remedy: "save it with torch.save(…, pickle_protocol=2)")
    }
    let start = input.position
    defer { byteCount += input.position - start }
    for _ in 0..<PickleMachine.operationLimit {
      operationCount += 1
      let code = try input.byte()
      guard let operation = PickleOperation(rawValue: code), operation.firstProtocol <= version
      else { throw PickleMachine.unknown(code) }
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
      guard try input.byte() == version else {
        throw PickleMachine.refusal("it changes its protocol")
      }
    case .frame:
      // Frames only say how much to read at once.
      guard try input.field(UInt64.self) <= UInt64(input.remaining) else {
        throw PickleInput.truncated
      }
    case .memoize: try remember(UInt32(truncatingIfNeeded: memo.count))
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
    case .long4: try pushLong(Int(try input.field(UInt32.self)), &input)
    case .binUnicode: try pushText(Int(try input.field(UInt32.self)), &input)
    case .binString: try pushString(Int(try input.field(UInt32.self)), &input)
    case .binUnicode8: try pushText(try wideCount(&input), &input)
    case .shortBinString: try pushString(Int(try input.byte()), &input)
    case .shortBinUnicode: try pushText(Int(try input.byte()), &input)
    case .shortBinBytes: try pushBytes(Int(try input.byte()), &input)
    case .binBytes: try pushBytes(Int(try input.field(UInt32.self)), &input)
    case .binBytes8, .byteArray8: try pushBytes(try wideCount(&input), &input)
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
    case .appends, .addItems: try extend(try popToMark())
    case .frozenSet: pushList(try popToMark())
    case .pop: try drop()
    case .popMark: _ = try popToMark()
    case .duplicate: stack.append(try top())
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
      try pushSymbol(module, member)
    case .stackGlobal:
      let member = try pop()
      let module = try pop()
      guard case .text(let module) = self[module], case .text(let member) = self[member] else {
        throw PickleMachine.refusal("its pickle asks for a name that is no text")
      }
      try pushSymbol(module, member)
    case .reduce, .newObject:
      let arguments = try pop()
      let function = try pop()
      try call(function, arguments)
    case .newObjectWithNames:
      _ = try pop()
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
