import Formats
import Foundation
import Support
import Tensors

/// CIFAR's data sets as their authors publish them for Python (Krizhevsky 2009): pickled dictionaries with
/// `data`, a row of 3 × 32 × 32 bytes for each image, and `labels` or, for the hundred classes, `fine_labels`.
enum CIFARBatches {
  /// The files of a part of the data in a folder; nil where it is none of CIFAR's.
  static func files(_ names: [String], split: DataSource.Split) -> [String]? {
    if names.contains("meta"), names.contains("train"), names.contains("test") {
      return [split.rawValue]
    }
    let batches = names.filter { $0.hasPrefix("data_batch_") }
    guard names.contains("test_batch") || !batches.isEmpty else { return nil }
    return split == .test ? names.filter { $0 == "test_batch" } : batches
  }

  /// The images, channels first, and their classes.
  static func read(_ paths: [String]) throws -> (images: NumericArray, classes: [Int32]) {
    var images = NumericArray(shape: [0, 3, 32, 32], elementType: .uint8, bytes: [])
    var classes: [Int32] = []
    for path in paths {
      do {
        let values = try PickledArrays(path: path).values
        guard case .array(let shape, .uint8, _, let bytes)? = values["data"], shape.count == 2,
          shape[1] == 3 * 32 * 32,
          case .integers(let labels)? = values["fine_labels"] ?? values["labels"]
        else {
          throw Diagnostic(
            .badData, "the pickle has no data of 3 × 32 × 32 bytes and labels, as CIFAR's have")
        }
        guard labels.count == shape[0] else {
          throw Diagnostic(.badData, "\(shape[0]) images do not go with \(labels.count) labels")
        }
        images.bytes += bytes
        images.shape[0] += shape[0]
        for label in labels {
          guard let label = Int32(exactly: label), (0..<100).contains(label) else {
            throw Diagnostic(.badData, "the label \(label) is none of CIFAR's")
          }
          classes.append(label)
        }
      } catch let error as Diagnostic {
        throw error.inside((path as NSString).lastPathComponent)
      }
    }
    guard !classes.isEmpty else {
      throw Diagnostic(.noInput, "the folder has no batches of this part")
    }
    return (images, classes)
  }
}
