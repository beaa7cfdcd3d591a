package import Archives
package import Catalogs
import Support
import Tensors

/// A file that `torch.save` wrote: what its pickle describes, and where its storages lie. Nothing
/// in it is executed.
package enum PyTorchFile {
  /// Where a storage's bytes are.
  package struct Run: Sendable {
    /// Where they begin.
    package var offset: Int
    /// How many they are.
    package var byteCount: Int
    /// The compressed run that holds them, where a zip tool compressed them.
    package var deflated: TensorEntry.DeflatedRun?
  }

  /// Makes the catalogue of what a pickle describes.
  ///
  /// - Parameters:
  ///   - storages: where the bytes of each storage are, by its key.
  ///   - isBigEndian: whether the elements are stored most significant byte first.
  ///   - selection: the dotted name of the part that is wanted alone.
  /// - Throws: `Diagnostic`: `badData`, inside of the tensor that is wrong, `noInput` where the part
  ///   is not there.
  package static func parsed(
    _ machine: PickleMachine, root: PickleReference, storages: [String: Run], file: OpenFile,
    isBigEndian: Bool, container: String, selection: String? = nil
  ) throws -> ParsedFile {
    let walk = try StateDictionaryWalk(machine, root: root, selection: selection)
    var tensors: [TensorEntry] = []
    var skipped = walk.skipped
    let sharedBeside = walk.tensors.filter {
      walk.storagesBeside.contains($0.tensor.storage.key)
    }.map(\.name)
    for (name, tensor) in walk.tensors {
      do {
        guard let type = elementType(tensor) else {
          let kind = tensor.type ?? tensor.storage.kind
          skipped.append(
            .init(
              name: name, reason: ElementType.refusal(of: kind),
              tensor: unread(
                name, tensor, kind, PickleSymbols.unreadByteCount(kind), storages)))
          continue
        }
        if let reason = obstacle(of: tensor, type) {
          skipped.append(
            .init(
              name: name, reason: reason,
              tensor: unread(name, tensor, type.rawValue, type.byteCount, storages)))
          continue
        }
        guard let run = storages[tensor.storage.key] else {
          throw Diagnostic(
            .badData, "its storage \(tensor.storage.key) is not in the file",
            remedy: "the file is damaged: copy or download it again")
        }
        tensors.append(
          TensorEntry(
            name: name, shape: tensor.shape, elementType: type, isBigEndian: isBigEndian,
            layout: tensor.isNegated
              ? .negated(try layout(tensor, type.byteCount, in: run))
              : try layout(tensor, type.byteCount, in: run)))
      } catch let error as Diagnostic {
        throw error.inside(name)
      }
    }
    guard !tensors.isEmpty || !skipped.isEmpty else {
      if let name = machine.firstModuleName {
        throw PickleMachine.refusal(
          "it is a module saved whole (\(name)), and none of its tensors can be read",
          remedy: "save the model's state_dict() where its code is")
      }
      // What it asks for is then all that can be said of it.
      if let name = machine.firstUnknownName { throw PickleMachine.unneeded(name) }
      throw Diagnostic(
        .badData, "its pickle holds no tensor", remedy: "save the model's state_dict()")
    }
    var attributes: [String: Catalog.Attribute] = ["container": .string(container)]
    if !walk.place.isEmpty { attributes["state_dict"] = .string(walk.place) }
    var parsed = try ParsedFile(
      .pytorch, file, tensors: tensors, attributes: attributes, skipped: skipped)
    parsed.catalog.sharedBeside = Set(sharedBeside)
    return parsed
  }

  private static func elementType(_ tensor: PickleTensor) -> ElementType? {
    if let type = tensor.type { return PickleSymbols.elementType(type) }
    return PickleSymbols.storageType(tensor.storage.kind)
  }

  /// Why the elements cannot be told from what is stored; nil where they can.
  private static func obstacle(of tensor: PickleTensor, _ type: ElementType) -> String? {
    // PyTorch itself refuses to negate truth values.
    if tensor.isNegated, type == .bool { return "its truth values are negated" }
    return tensor.obstacle
  }

  /// What is known of a tensor that is not read.
  ///
  /// - Parameter elementByteCount: the size of an element; nil where elements do not fill bytes.
  private static func unread(
    _ name: String, _ tensor: PickleTensor, _ kind: String, _ elementByteCount: Int?,
    _ storages: [String: Run]
  ) -> UnreadTensor {
    var result = UnreadTensor(
      dtype: tensor.isNegated ? kind + ", negated" : kind, shape: tensor.shape)
    // Where flags say that the elements are others than is stored, the bytes alone tell nothing.
    if tensor.obstacle == nil, let size = elementByteCount,
      let run = storages[tensor.storage.key], let layout = try? layout(tensor, size, in: run)
    {
      result.content = UnreadTensor.bytes(
        name, shape: tensor.shape, elementByteCount: size, layout)
    }
    return result
  }

  /// Where the elements of a view are, once it is known to lie in its storage.
  private static func layout(
    _ tensor: PickleTensor, _ elementByteCount: Int, in run: Run
  ) throws -> TensorEntry.Layout {
    guard tensor.offset >= 0, tensor.shape.allSatisfy({ $0 >= 0 }) else {
      throw Diagnostic(.badData, "its shape or offset is negative")
    }
    guard tensor.strides.allSatisfy({ $0 >= 0 }) else {
      throw Diagnostic(.badData, "its strides are negative")
    }
    guard checkedProduct(tensor.shape + [elementByteCount]) != nil else {
      throw Diagnostic(.badData, "its shape \(tensor.shape) overflows")
    }
    // The storage counts bytes where it has no type of its own.
    let unit = PickleSymbols.storageByteCount(tensor.storage.kind)
    guard let stored = checkedProduct([tensor.storage.count, unit]),
      let viewStart = checkedProduct([tensor.storage.viewOffset, unit]),
      let first = checkedProduct([tensor.offset, elementByteCount])
    else { throw Diagnostic(.badData, "its storage overflows") }
    guard viewStart <= run.byteCount, stored <= run.byteCount - viewStart else {
      throw Diagnostic(
        .badData,
        "its storage \(tensor.storage.key) claims \(stored) bytes, and \(run.byteCount) are stored",
        remedy: "the file is truncated or damaged: copy or download it again")
    }
    var extent = 0  // bytes up to the end of the last element
    if !tensor.shape.contains(0) {
      var last = tensor.offset
      for (length, stride) in zip(tensor.shape, tensor.strides) {
        guard let step = checkedProduct([length - 1, stride]) else { last = .max; break }
        let (next, overflow) = last.addingReportingOverflow(step)
        last = overflow ? .max : next
      }
      let elements = last == .max ? nil : checkedProduct([last + 1, elementByteCount])
      guard let elements, elements <= stored else {
        throw Diagnostic(
          .badData,
          "its view (offset \(tensor.offset), shape \(tensor.shape), strides \(tensor.strides)) "
            + "leads out of its storage of \(tensor.storage.count) elements")
      }
      extent = elements
    }
    let base = (run.deflated == nil ? run.offset : 0) + viewStart + (extent == 0 ? 0 : first)
    let layout: TensorEntry.Layout =
      isRowMajor(tensor)
      ? .contiguous(offset: base) : .strided(offset: base, strides: tensor.strides)
    return run.deflated.map { .deflated($0, layout) } ?? layout
  }

  private static func isRowMajor(_ tensor: PickleTensor) -> Bool {
    if tensor.shape.contains(0) { return true }
    var expected = 1
    for (length, stride) in zip(tensor.shape, tensor.strides).reversed() where length != 1 {
      if stride != expected { return false }
      expected *= length
    }
    return true
  }
}
