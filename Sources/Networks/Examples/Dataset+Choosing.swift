import Support

extension Dataset {
  /// The examples of some classes, which are numbered anew in the order of the list.
  ///
  /// - Throws: `Diagnostic` of code `badData` where there is no such class.
  public func keeping(classes: [Int]) throws -> Dataset {
    try requireClasses()
    if let unknown = classes.first(where: { !(0..<classCount).contains($0) }) {
      throw Diagnostic(
        .badData, "there is no class \(unknown)", remedy: "its classes are 0…\(classCount - 1)")
    }
    guard Set(classes).count == classes.count else {
      throw Diagnostic(.usage, "a class is named twice", remedy: "name each once")
    }
    let numbers = Dictionary(
      uniqueKeysWithValues: classes.enumerated().map { (Int32($0.element), Int32($0.offset)) })
    var result = taking(labels.indices.filter { numbers[labels[$0]] != nil })
    result.labels = result.labels.map { numbers[$0] ?? 0 }
    // Numbered anew they are classes and nothing else.
    result.targets = nil
    result.classCount = classes.count
    return result
  }

  /// The examples with those indices, in that order.
  public func taking(_ indices: [Int]) -> Dataset {
    var result = self
    result.labels = indices.map { labels[$0] }
    result.targets = targets?.taking(indices)
    result.examples = []
    result.examples.reserveCapacity(indices.count * exampleSize)
    for index in indices {
      result.examples += examples[index * exampleSize..<(index + 1) * exampleSize]
    }
    return result
  }
}
