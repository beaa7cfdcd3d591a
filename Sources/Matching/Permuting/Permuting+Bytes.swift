public import ModelGraph
import Support

extension Permuting {
  /// One permutation of one axis of a stored tensor.
  public struct Move: Sendable {
    /// The axis and where the units lie on it.
    public var member: PermutationGroup.Member
    /// The permutation of the units.
    public var permutation: [Int]

    /// Makes a move.
    public init(member: PermutationGroup.Member, permutation: [Int]) {
      self.member = member
      self.permutation = permutation
    }
  }

  /// The moves of every tensor, by name: what `applyBytes` needs to write a permuted file.
  public static func moves(
    _ permutations: [[Int]], of groups: [PermutationGroup]
  ) -> [String: [Move]] {
    var moves: [String: [Move]] = [:]
    for (group, permutation) in zip(groups, permutations) {
      for member in group.members {
        moves[member.tensor, default: []].append(Move(member: member, permutation: permutation))
      }
    }
    return moves
  }

  /// Permutes a tensor as it is stored, whatever the type of its elements: no bit of one changes.
  ///
  /// - Parameters:
  ///   - bytes: all elements, row-major.
  ///   - shape: the lengths of the axes.
  ///   - elementSize: the bytes of one element.
  ///   - moves: the permutations, at most one for each entry of an axis.
  /// - Throws: `Diagnostic(.badData)` where bytes, shape and moves do not fit each other.
  /// - Complexity: O(bytes).
  public static func applyBytes(
    _ bytes: [UInt8], shape: [Int], elementSize: Int, moves: [Move]
  ) throws -> [UInt8] {
    let elements = try elementCount(shape)
    let (byteCount, overflow) = elements.multipliedReportingOverflow(by: elementSize)
    guard !overflow, elementSize > 0, byteCount == bytes.count else {
      throw Diagnostic(.badData, "\(bytes.count) bytes do not fill a tensor of shape \(shape)")
    }
    // The bytes of one element are one more axis, which never moves.
    var gather = AxisGather(shape: shape + [elementSize])
    for move in moves {
      try move.member.validate(shape: shape, size: move.permutation.count)
      try validate(move.permutation)
      gather.add(move.member, permutation: move.permutation)
    }
    guard !gather.isIdentity, !bytes.isEmpty else { return bytes }
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { target, initialized in
      bytes.withUnsafeBytes { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        let raw = UnsafeMutableRawPointer(to)
        // A copy of a known size is one load and one store; memcpy of four bytes is a call.
        switch elementSize {
        case 2: gather.move(UInt16.self, from, raw)
        case 4: gather.move(UInt32.self, from, raw)
        case 8: gather.move(UInt64.self, from, raw)
        default:
          gather.forEachRun { from2, to2, length in
            raw.advanced(by: to2).copyMemory(from: from.advanced(by: from2), byteCount: length)
          }
        }
        initialized = bytes.count
      }
    }
  }

  /// Refuses a list that does not name every unit once.
  static func validate(_ permutation: [Int]) throws {
    var seen = Array(repeating: false, count: permutation.count)
    for unit in permutation {
      guard seen.indices.contains(unit), !seen[unit] else {
        throw Diagnostic(
          .badData, "a permutation of \(permutation.count) units must name each of them once")
      }
      seen[unit] = true
    }
  }

  private static func elementCount(_ shape: [Int]) throws -> Int {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else {
        throw Diagnostic(.badData, "a tensor of shape \(shape) is not possible")
      }
      count = product
    }
    return count
  }
}

extension AxisGather {
  /// Moves bytes whose last axis is the bytes of a `Word`.
  fileprivate func move<Word: FixedWidthInteger & BitwiseCopyable>(
    _ type: Word.Type, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer
  ) {
    forEachRun { from, to, length in
      if length == MemoryLayout<Word>.size {
        target.storeBytes(
          of: source.loadUnaligned(fromByteOffset: from, as: Word.self), toByteOffset: to,
          as: Word.self)
      } else {
        target.advanced(by: to).copyMemory(from: source.advanced(by: from), byteCount: length)
      }
    }
  }
}

extension PermutationGroup.Member {
  /// Refuses a member whose units do not lie on its axis.
  ///
  /// - Parameters:
  ///   - shape: the tensor's.
  ///   - size: the number of units.
  public func validate(shape: [Int], size: Int) throws {
    guard shape.indices.contains(axis) else {
      throw Diagnostic(
        .badData, "the tensor has \(shape.count) axes, and no axis \(axis) to permute",
        at: [tensor])
    }
    for run in runs {
      let (length, overflow) = size.multipliedReportingOverflow(by: run.width)
      let (end, overflow2) = run.start.addingReportingOverflow(length)
      guard !overflow, !overflow2, run.start >= 0, run.width > 0, end <= shape[axis] else {
        throw Diagnostic(
          .badData,
          "\(size) units of \(run.width) entries from \(run.start) on do not lie on axis \(axis) of length \(shape[axis])",
          at: [tensor])
      }
    }
  }
}
