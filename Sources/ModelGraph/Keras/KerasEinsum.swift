import Support

/// The equation of an EinsumDense layer, `abc,cde->abde`, as a dense layer over its last axes or over its
/// steps.
struct KerasEinsum {
  /// What the equation says.
  enum Kind {
    /// The last `summed` axes of the input are summed over, the last `made` ones of the output made.
    case dense(summed: Int, made: Int)
    /// The steps of an input [steps, channels] are summed over.
    case steps
  }

  /// What it says.
  let kind: Kind
  /// The axes of the kernel that are summed over, the others being made.
  let isSummed: [Bool]
  /// The letters of the output that the layer makes, in order.
  let made: String

  /// Reads an equation.
  ///
  /// - Parameter rank: the number of axes of an example of the input.
  /// - Throws: `KerasTranslator.NotUnderstood` where it is none of a dense layer.
  init(_ equation: String, rank: Int) throws {
    let text = equation.filter { $0 != " " }
    let sides = text.split(separator: ">", omittingEmptySubsequences: false)
    let factors = (sides.first?.dropLast() ?? "").split(
      separator: ",", omittingEmptySubsequences: false)
    guard sides.count == 2, sides[0].hasSuffix("-"), factors.count == 2 else {
      throw Self.refusal(equation)
    }
    let (input, isOpen) = Self.letters(factors[0])
    let kernel = Array(factors[1])
    let (output, isOpenAfter) = Self.letters(sides[1])
    for letters in [input, kernel, output] {
      guard Set(letters).count == letters.count, letters.allSatisfy(\.isLetter),
        letters.count <= CheckedShape.mostAxes
      else { throw Self.refusal(equation) }
    }
    let summed = kernel.filter(input.contains)
    let made = kernel.filter { !input.contains($0) }
    let kept = input.filter { !kernel.contains($0) }
    // The letters are of the batch and an example, or of what an ellipsis leaves of them.
    guard isOpen == isOpenAfter, isOpen ? input.count <= rank + 1 : input.count == rank + 1,
      !summed.isEmpty, !made.isEmpty, !summed.contains(where: output.contains),
      isOpen || kept.first == input.first
    else { throw Self.refusal(equation) }
    isSummed = kernel.map(input.contains)
    self.made = String(made)
    if input == kept + summed, output == kept + made,
      kernel == summed + made || kernel == made + summed
    {
      kind = .dense(summed: summed.count, made: made.count)
    } else if !isOpen, rank == 2, summed == [input[1]], made.count == 1,
      output == [input[0]] + made + [input[2]]
    {
      kind = .steps
    } else {
      throw Self.refusal(equation)
    }
  }

  /// The letters of an operand, and whether an ellipsis stands before or behind them.
  private static func letters(_ text: Substring) -> (letters: [Character], isOpen: Bool) {
    guard text.hasPrefix("...") else { return (Array(text), false) }
    return (Array(text.dropFirst(3)), true)
  }

  private static func refusal(_ equation: String) -> KerasTranslator.NotUnderstood {
    .init(reason: "the equation \(equation) is not understood")
  }
}
