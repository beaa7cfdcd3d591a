/// Changes the elements of one tensor, piece by piece.
public protocol TensorRewriter: AnyObject {
  /// Takes the next piece, whole little-endian elements in the order of the tensor, and changes it
  /// in place. All pieces but the last have the size that was asked for.
  /// An error names the tensor.
  func rewrite(_ piece: UnsafeMutableRawBufferPointer) throws
  /// The same for pieces of two tensors, for whoever is faster with two at once. An error of one
  /// of them names the tensor.
  func rewrite(
    _ piece: UnsafeMutableRawBufferPointer, beside other: any TensorRewriter,
    _ otherPiece: UnsafeMutableRawBufferPointer) throws
  /// Told after the last piece.
  func finish() throws
}

/// What changes in a copy of a weight file: some tensors, and the attachment that results.
public struct TensorRewriting: Sendable {
  /// The names of the tensors that change.
  public var names: [String]
  /// The number of elements in a piece.
  public var pieceCount: Int
  /// About how long the attachment will be; only speed depends on it.
  public var expectedAttachmentByteCount: Int
  /// Makes what changes a tensor, by its place among the names. Tensors are changed side by side.
  public var rewriter: @Sendable (Int) throws -> any TensorRewriter
  /// The attachment in pieces, asked for after all tensors were changed; nil for none.
  public var attachment: @Sendable () throws -> [[UInt8]]?

  /// Makes a description.
  public init(
    names: [String], pieceCount: Int, expectedAttachmentByteCount: Int,
    rewriter: @escaping @Sendable (Int) throws -> any TensorRewriter,
    attachment: @escaping @Sendable () throws -> [[UInt8]]?
  ) {
    self.names = names
    self.pieceCount = pieceCount
    self.expectedAttachmentByteCount = expectedAttachmentByteCount
    self.rewriter = rewriter
    self.attachment = attachment
  }
}
