import Catalogs
import Support
public import Tensors

/// A claim about where the elements of one tensor stand in others, which `WeightFile.placedHashes` puts to the
/// test.
public enum ContentPlaces: Sendable {
  /// Element by element: the place in the other tensor is the sum, over the axes, of what the tables say.
  case axes(_ offsets: [[Int]])
  /// Slices of this tensor are slices of others.
  case slices(SlicePlaces)
}

/// Slices of a tensor that are slices of other ones.
public struct SlicePlaces: Sendable {
  /// How this tensor is cut.
  public var slicing: TensorContent.Slicing
  /// For each slice the other tensor it belongs to, and its number there; nil for a slice that is not claimed.
  public var owners: [Owner?]
  /// How each of the others is cut.
  public var targets: [TensorContent.Slicing]
  /// The two axes of a slice where they stand the other way round in the others; nil where they do not.
  public var swap: Swap?

  /// Where a slice belongs.
  public struct Owner: Sendable, Hashable {
    /// The number of the other tensor.
    public var target: Int
    /// The number of the slice there.
    public var slice: Int

    /// Makes one.
    public init(target: Int, slice: Int) {
      self.target = target
      self.slice = slice
    }
  }

  /// The lengths of a slice's axes.
  public struct Swap: Sendable, Hashable {
    /// The first.
    public var rows: Int
    /// The second.
    public var columns: Int

    /// Makes one.
    public init(rows: Int, columns: Int) {
      self.rows = rows
      self.columns = columns
    }
  }

  /// Makes a claim.
  public init(
    slicing: TensorContent.Slicing, owners: [Owner?], targets: [TensorContent.Slicing],
    swap: Swap? = nil
  ) {
    self.slicing = slicing
    self.owners = owners
    self.targets = targets
    self.swap = swap
  }

  /// The other tensor that an element belongs to, and its place there.
  @inline(__always)
  func place(of element: Int) -> (target: Int, place: Int)? {
    let quotient = element / slicing.stride
    let outer = quotient / slicing.count
    guard let owner = owners[quotient - outer * slicing.count] else { return nil }
    var inner = outer * slicing.stride + (element - quotient * slicing.stride)
    if let swap {
      let row = inner / swap.columns
      inner = (inner - row * swap.columns) * swap.rows + row
    }
    let target = targets[owner.target]
    let block = inner / target.stride
    return (
      owner.target,
      block * target.stride * target.count + owner.slice * target.stride
        + (inner - block * target.stride)
    )
  }
}

extension WeightFile {
  /// The hashes that other tensors have if a claim holds: of this tensor's elements at the places where they
  /// are claimed to stand there.
  ///
  /// - Parameters:
  ///   - entry: a tensor of this file.
  ///   - type: the type to which elements are rounded first; nil takes them as they are.
  /// - Returns: a hash for each of the other tensors, to be compared with its `Level.ordered`.
  /// - Complexity: O(elements).
  public func placedHashes(
    of entry: Int, at places: ContentPlaces, roundedTo type: ElementType? = nil, jobs: Int? = nil,
    budget: Int = 256 << 20, isStrict: Bool = false
  ) throws -> [UInt64] {
    let items = try ModelContents(catalogued: self).items
    let transfer = TensorTransfer(WritingOptions(jobs: jobs, budget: budget, isStrict: isStrict))
    let tensor = catalog.tensors[entry]
    let targetCount = if case .slices(let slices) = places { slices.targets.count } else { 1 }
    var sums = [UInt64](repeating: 0, count: targetCount)
    do {
      guard let source = try transfer.sources(items[entry...entry]).first else { return sums }
      var index = [Int](repeating: 0, count: tensor.shape.count)
      try Self.forEachPiece(of: source, count: tensor.elementCount) { values, start, _ in
        for (at, value) in values.enumerated() {
          let hash = ContentHash.of(type?.rounded(value) ?? value)
          switch places {
          case .slices(let slices):
            guard let (target, place) = slices.place(of: start + at) else { continue }
            sums[target] &+= ContentHash.placed(hash, at: place)
          case .axes(let offsets):
            var place = 0
            for axis in index.indices { place += offsets[axis][index[axis]] }
            sums[0] &+= ContentHash.placed(hash, at: place)
            for axis in index.indices.reversed() {
              index[axis] += 1
              if index[axis] < tensor.shape[axis] { break }
              index[axis] = 0
            }
          }
        }
      }
    } catch let error as Diagnostic {
      throw error.inside(tensor.name).inside(catalog.file)
    }
    return sums
  }
}
