import Support

/// How the elements of an image lie.
///
/// An image of two axes is rows and columns. Of three, the channels stand first where the first
/// length is at most 4 and the last is not, as PyTorch has them; else last.
public struct ImageLayout: Sendable, Hashable {
  /// The number of channels.
  public var channels: Int
  /// The number of rows.
  public var rows: Int
  /// The number of columns.
  public var columns: Int
  /// Whether the channels stand first.
  public var isPlanar: Bool

  /// Reads the shape of an example.
  ///
  /// - Throws: `Diagnostic` of code `usage` where it is not that of an image.
  public init(exampleShape shape: [Int]) throws {
    switch shape.count {
    case 2: (channels, rows, columns, isPlanar) = (1, shape[0], shape[1], true)
    case 3 where shape[0] <= 4 && shape[2] > 4:
      (channels, rows, columns, isPlanar) = (shape[0], shape[1], shape[2], true)
    case 3: (rows, columns, channels, isPlanar) = (shape[0], shape[1], shape[2], false)
    default:
      throw Diagnostic(.usage, "examples of shape \(shape) are no images")
    }
  }

  /// The shape with the channels first, as convolutions of PyTorch take it.
  public var planarShape: [Int] { [channels, rows, columns] }

  /// Where an element lies.
  func index(_ channel: Int, _ row: Int, _ column: Int) -> Int {
    isPlanar
      ? (channel * rows + row) * columns + column : (row * columns + column) * channels + channel
  }
}
