import Archives
public import Catalogs
import Support
public import Tensors

/// One tensor, opened for reads of ranges of its elements from several threads.
///
/// What lies in one run of a file, and quantised blocks, is read when it is asked for; all else is decoded when the tensor
/// is opened, and held as long as this lives.
public struct TensorRanges: Sendable {
  private let source: TensorSource

  /// The type of the elements.
  public var elementType: ElementType { source.elementType }

  init(_ source: TensorSource) { self.source = source }

  /// Ranges of numbers in memory.
  public init(_ tensor: Tensor) {
    source = TensorSource(
      storage: .memory(ElementType.float32.bytes(of: tensor.values)), elementType: .float32)
  }

  /// Reads a range, little-endian, into memory of exactly its size.
  ///
  /// - Throws: `Diagnostic`, without a location, where the file ends before.
  public func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws {
    let size = elementType.byteCount
    switch source.storage {
    case .file(let file, let offset, let isBigEndian):
      if !target.isEmpty { try file.read(into: target, at: offset + elements.lowerBound * size) }
      if isBigEndian { reverseElementBytes(target, elementByteCount: size) }
    case .memory(let bytes):
      bytes.withUnsafeBytes { all in
        let range = (elements.lowerBound * size)..<(elements.upperBound * size)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[range]))
      }
    case .computed(let computed): try computed.fill(elements, target)
    case .strided, .sequential, .filled:
      var space = TensorSource.Space()
      let range = (elements.lowerBound * size)..<(elements.upperBound * size)
      try source.withBytes(range, &space) { target.copyMemory(from: $0) }
    }
  }
}

extension WeightFile {
  /// Opens a tensor for reads of ranges.
  ///
  /// - Parameters:
  ///   - entry: a tensor of this file's catalogue.
  ///   - jobs: how many threads decode it, where it has to be decoded.
  /// - Throws: `Diagnostic` of code `badData` where it is damaged.
  public func ranges(of entry: TensorEntry, jobs: Int? = nil) throws -> TensorRanges {
    TensorRanges(try source(of: entry, Opening(jobs: jobs)))
  }

  /// Whether a tensor lies in one run of a file, of elements or of quantised blocks, so that opening
  /// its ranges reads and holds nothing.
  public func isOneRun(_ entry: TensorEntry) -> Bool {
    if case .contiguous = entry.layout { true } else { entry.quantisedType != nil }
  }
}

extension TensorRanges {
  /// The tensor with its axes in another order, in memory: axis k is axis `axes[k]` of this one, which has
  /// that shape.
  ///
  /// - Complexity: O(elements), and memory for all of them.
  public func transposed(_ shape: [Int], _ axes: [Int]) throws -> TensorRanges {
    TensorRanges(try source.transposed(shape, axes, Opening()))
  }

  /// The elements of a range, little-endian.
  public func bytes(_ elements: Range<Int>) throws -> [UInt8] {
    let count = elements.count * elementType.byteCount
    return try [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      try read(
        elements,
        into: UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(target)[..<count]))
      initialized = count
    }
  }
}
