import Archives
import Support
public import Tensors

/// The dictionary of a plain pickle whose values are NumPy's arrays or lists, as data sets are kept:
/// CIFAR's batches. Nothing of the pickle is looked up, called or made.
public struct PickledArrays {
  /// A value.
  public enum Value {
    /// An array in row-major order.
    case array(shape: [Int], elementType: ElementType, isBigEndian: Bool, bytes: [UInt8])
    /// A list of integers.
    case integers([Int])
    /// A list of texts.
    case texts([String])
  }

  /// The values by their keys. What is neither an array nor a list is left out.
  public let values: [String: Value]

  /// Reads a file.
  ///
  /// - Throws: `Diagnostic`: `noInput` where the file cannot be read, `badData` where it is no such pickle.
  /// - Complexity: O(bytes).
  public init(path: String) throws {
    try self.init(try OpenFile(reading: path))
  }

  init(_ file: OpenFile) throws {
    var machine = PickleMachine()
    machine.bytePlaces = [:]
    var input = PickleInput(file, from: 0, to: file.byteCount)
    let root = try machine.read(&input)
    guard case .dictionary(let dictionary) = machine[root] else {
      throw Diagnostic(.badData, "the pickle holds no dictionary")
    }
    let reader = Reader(machine: machine, file: file)
    var values: [String: Value] = [:]
    for (key, value) in machine.dictionaries[dictionary] {
      guard let name = try reader.name(key) else { continue }
      values[name] = try reader.value(value)
    }
    self.values = values
  }

  private struct Reader {
    let machine: PickleMachine
    let file: OpenFile

    /// A key: a text, or bytes, as a pickle of Python 2 has them in Python 3.
    func name(_ key: PickleReference) throws -> String? {
      if case .text(let text) = machine[key] { return text }
      if case .bytes(let count) = machine[key], count > 4096 { return nil }
      return try bytes(key).flatMap { String(validating: $0, as: UTF8.self) }
    }

    func value(_ reference: PickleReference) throws -> Value? {
      if case .object(let index) = machine[reference] { return try array(machine.objects[index]) }
      guard let elements = machine.elements(of: reference) else { return nil }
      var integers: [Int] = []
      var texts: [String] = []
      for element in elements {
        switch machine[element] {
        case .integer(let number): integers.append(number)
        case .text(let text): texts.append(text)
        default: return nil
        }
      }
      return texts.isEmpty ? .integers(integers) : integers.isEmpty ? .texts(texts) : nil
    }

    private func bytes(_ reference: PickleReference) throws -> [UInt8]? {
      if let place = machine.bytePlaces?[reference] {
        switch machine[reference] {
        case .bytes(let count): return try file.bytes(at: place, count: count)
        case .text(let text): return Array(text.utf8)
        default: return nil
        }
      }
      // Bytes of Python 3 in a protocol that had none: a text of one character for each.
      guard case .object(let index) = machine[reference],
        machine.objects[index].maker == "_codecs.encode",
        let text = machine.objects[index].arguments.first, case .text(let text) = machine[text]
      else { return nil }
      let scalars = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
      return scalars.count == text.unicodeScalars.count ? scalars : nil
    }

    /// An array that `_reconstruct` and a state, or `_frombuffer`, would make.
    private func array(_ object: PickleObject) throws -> Value? {
      let parts: (shape: PickleReference, type: PickleReference, data: PickleReference)
      let isRowMajor: Bool
      if object.maker.hasSuffix("multiarray._reconstruct"), let state = object.state,
        let values = machine.elements(of: state), values.count == 5
      {
        parts = (values[1], values[2], values[4])
        if case .truth(false) = machine[values[3]] { isRowMajor = true } else { isRowMajor = false }
      } else if object.maker.hasSuffix("numeric._frombuffer"), object.arguments.count == 4 {
        let values = object.arguments
        parts = (values[2], values[1], values[0])
        isRowMajor = machine.text(values[3]) == "C"
      } else {
        return nil
      }
      guard let shape = machine.integers(of: parts.shape),
        let (type, isBig) = elementType(parts.type)
      else { return nil }
      var count = type.byteCount
      for length in shape {
        let (product, overflows) = count.multipliedReportingOverflow(by: length)
        guard length >= 0, !overflows else { return nil }
        count = product
      }
      guard isRowMajor || shape.filter({ $0 != 1 }).count <= 1 else {
        throw Diagnostic(
          .badData, "an array is stored column by column", remedy: "save it in C order")
      }
      guard let data = try bytes(parts.data), data.count == count else {
        throw Diagnostic(.badData, "an array of shape \(shape) does not have its \(count) bytes")
      }
      return .array(shape: shape, elementType: type, isBigEndian: isBig, bytes: data)
    }

    private func elementType(_ reference: PickleReference) -> (ElementType, Bool)? {
      guard case .object(let index) = machine[reference] else { return nil }
      let object = machine.objects[index]
      guard object.maker == "numpy.dtype", let word = object.arguments.first,
        case .text(let word) = machine[word], let type = NumPyType(word).elementType
      else { return nil }
      var isBig = false
      if let state = object.state, let parts = machine.elements(of: state), parts.count > 1 {
        isBig = machine.text(parts[1]) == ">"
      }
      return (type, isBig)
    }
  }
}
