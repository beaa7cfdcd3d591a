import Support
public import Tensors

extension ModelContents {
  /// What a look at the Float32 tensors showed.
  public struct Narrowing: Sendable {
    /// The tensors of which every element is a value of a narrower type, with that type.
    public var tensors: [(name: String, elementType: ElementType)]
    /// How many bytes less they would take.
    public var savedByteCount: Int
  }

  /// The eyes on the Float32 tensors of a model while it is written.
  public struct NarrowingWatch: Sendable {
    fileprivate let watched: [(item: Item, observer: NarrowingObserver)]

    /// The findings, once all tensors were read.
    public var findings: Narrowing {
      let types = ModelContents.types(watched.map(\.observer))
      let found = zip(watched, types).compactMap { pair, type in
        type.map { (name: pair.item.name, elementType: $0) }
      }
      let saved = zip(watched, types).reduce(0) { sum, pair in
        sum + (pair.1 == nil ? 0 : pair.0.item.shape.reduce(1, *) * 2)
      }
      return Narrowing(tensors: found, savedByteCount: saved)
    }
  }

  /// Watches the Float32 tensors from now on, as they are read.
  public mutating func watchForNarrowing() -> NarrowingWatch {
    var watched: [(Item, NarrowingObserver)] = []
    for index in items.indices where items[index].elementType == .float32 {
      let observer = NarrowingObserver()
      let open = items[index].open
      watched.append((items[index], observer))
      items[index].open = { opening in
        var source = try open(opening)
        source.observer = observer
        return source
      }
    }
    return NarrowingWatch(watched: watched)
  }

  /// Reads all Float32 tensors, and stores those as BF16 or F16 of which every element is such a
  /// value. Nothing is rounded.
  public mutating func narrow(_ options: WritingOptions) throws -> Narrowing {
    var looked = self
    let watch = looked.watchForNarrowing()
    let transfer = TensorTransfer(options)
    try transfer.forEachRange(looked.items.filter { $0.elementType == .float32 }) { _, _, _ in }
    let findings = watch.findings
    let types = Dictionary(
      findings.tensors.map { ($0.name, $0.elementType) }, uniquingKeysWith: { first, _ in first })
    for index in items.indices where items[index].elementType == .float32 {
      guard let type = types[items[index].name] else { continue }
      let open = items[index].open
      items[index].elementType = type
      items[index].open = { opening in
        var source = try open(opening)
        source.narrowing = type
        return source
      }
    }
    return findings
  }

  /// The type of each tensor that could be narrower. A tensor that both types hold gets that of most
  /// of the others. Where only zeros and powers of two are narrow, nothing is: that is how fresh
  /// biases and scales look in any model.
  private static func types(_ observers: [NarrowingObserver]) -> [ElementType?] {
    let brain = observers.count { $0.isEvidence && $0.types.contains(.bfloat16) }
    let half = observers.count { $0.isEvidence && $0.types.contains(.float16) }
    let preferred: ElementType = half > brain ? .float16 : .bfloat16
    return observers.map { observer in
      let types = observer.types
      if brain + half == 0 || types.isEmpty { return nil }
      return types.contains(preferred) ? preferred : observer.isEvidence ? types.first : nil
    }
  }
}
