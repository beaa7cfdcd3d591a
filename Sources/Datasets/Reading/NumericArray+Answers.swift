import Networks
import Support
import Tensors
import WeightFiles

/// What labels are: classes, numbers, or both.
struct Answers {
  /// The classes; nil where the labels are none.
  var classes: [Int32]?
  /// The number of classes, where the labels say it.
  var classCount: Int?
  /// The labels as numbers, where these may be meant.
  var targets: Dataset.Targets?
}

extension NumericArray {
  /// The labels of examples.
  ///
  /// A whole number from 0 for each example is a class, and, where it is stored as a float, a number as
  /// well. A row for each example with a single 1 among zeros is the class at its place. Everything else
  /// are numbers; whole ones of two and more axes are pixels, divided by 255 like those of the examples.
  func answers() throws -> Answers {
    guard let count = shape.first else {
      throw Diagnostic(.badData, "the labels are one number, not one for each example")
    }
    let isImage = shape.count > 2 && elementType == .uint8
    let values = isImage ? try pixels() : try numbers()
    let size = values.count / max(1, count)
    let inner = Array(shape.dropFirst())
    let numbers = Dataset.Targets(values: values, shape: inner)
    if size == 1 {
      let classes = values.compactMap { value in
        Int32(exactly: value).flatMap { $0 >= 0 ? $0 : nil }
      }
      guard classes.count == values.count else { return Answers(targets: numbers) }
      return Answers(classes: classes, targets: elementType.isFloatingPoint ? numbers : nil)
    }
    guard inner.count == 1, let classes = Self.places(ofOnesIn: values, size: size) else {
      return Answers(targets: numbers)
    }
    return Answers(classes: classes, classCount: size)
  }

  /// The place of the 1 in every row of zeros; nil where a row is another.
  private static func places(ofOnesIn values: [Float], size: Int) -> [Int32]? {
    guard size > 1 else { return nil }
    var result: [Int32] = []
    for start in stride(from: 0, to: values.count, by: size) {
      let row = values[start..<start + size]
      guard row.allSatisfy({ $0 == 0 || $0 == 1 }), row.reduce(0, +) == 1,
        let place = row.firstIndex(of: 1)
      else { return nil }
      result.append(Int32(place - start))
    }
    return result
  }
}

extension Dataset {
  /// Examples with what is to be answered; nil where there is nothing.
  init(examples: [Float], exampleShape: [Int], answers: Answers?) throws {
    guard let answers, let classes = answers.classes else {
      try self.init(examples: examples, exampleShape: exampleShape, targets: answers?.targets)
      return
    }
    try self.init(
      examples: examples, exampleShape: exampleShape, labels: classes,
      classCount: answers.classCount)
    try setTargets(answers.targets)
  }
}
