import ModelGraph
import Support

extension Objective {
  /// Decides by the labels, the shapes, and the activation at the network's end.
  ///
  /// Classes and as many outputs are the cross-entropy; two classes and one output the binary one, and so
  /// are several labels behind a sigmoid; numbers of the output's shape are the squared error, and so is
  /// the input itself, where there are no labels or the output is as large as the input.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the data do not fit the output, or several losses would.
  init(
    for dataset: Dataset, final: Activation?, inputShape: [Int], outputShape: [Int]
  ) throws {
    let choice = Choice(
      dataset: dataset, final: final, size: outputShape.reduce(1, *),
      inputSize: inputShape.reduce(1, *), outputShape: outputShape.filter { $0 != 1 },
      isRow: outputShape.count <= 1, inputShape: inputShape.filter { $0 != 1 },
      tokenShape: inputShape.count == 1 && outputShape.count == 2
        && outputShape[0] == inputShape[0] && outputShape[1] > 1 ? outputShape : nil)
    let (target, usual, reason) = try choice.usual()
    let loss = dataset.loss ?? usual
    self.init(
      loss: loss, target: target,
      reason: dataset.loss == nil ? reason : usual == loss && reason == nil ? nil : "as stated",
      dropsFinalActivation: loss == .crossEntropy && final == .softmax
        || loss == .binaryCrossEntropy && final == .sigmoid)
    try choice.check(self)
    if loss == .binaryCrossEntropy, target == .numbers {
      countsRight = dataset.targets?.areBinary == true
    } else {
      countsRight =
        [.nextTokens, .stepClasses].contains(target)
        || target == .classes && (loss != .meanSquaredError || choice.size > 1)
    }
  }

  /// What the outputs should be, one after another; none for the cross-entropy of classes, which has
  /// labels.
  func targets(of dataset: Dataset, outputSize size: Int) -> [Float] {
    switch target {
    case .inputs: return dataset.examples
    case .numbers: return dataset.targets?.values ?? []
    case .classes where loss == .crossEntropy: return []
    case .nextTokens, .stepClasses: return []
    case .classes where size == 1: return dataset.labels.map { Float($0) }
    case .classes:
      var values = [Float](repeating: 0, count: dataset.count * size)
      for (row, label) in dataset.labels.enumerated() { values[row * size + Int(label)] = 1 }
      return values
    }
  }

  /// What the outputs of every step should be; nil for another objective.
  ///
  /// - Throws: `Diagnostic` of code `badData` where these are no classes that the network has.
  func stepTargets(of dataset: Dataset, outputShape: [Int]) throws -> StepTargets? {
    switch target {
    case .nextTokens:
      return try StepTargets(
        tokens: dataset.examples, steps: outputShape[0], classes: outputShape[1])
    case .stepClasses:
      return try StepTargets(
        numbers: dataset.targets?.values ?? [], steps: outputShape[0], classes: outputShape[1])
    case .classes, .numbers, .inputs: return nil
    }
  }

  /// What there is to decide by.
  private struct Choice {
    let dataset: Dataset
    let final: Activation?
    /// How many outputs and inputs there are.
    let size: Int
    let inputSize: Int
    /// The output's shape without axes of one, and whether it has one axis only.
    let outputShape: [Int]
    let isRow: Bool
    let inputShape: [Int]
    /// The output's shape, where it is a row for each element of an input of one axis.
    let tokenShape: [Int]?

    /// Whether the labels are numbers of the output's shape.
    private var fitsNumbers: Bool {
      dataset.targets.map { $0.shape.filter { $0 != 1 } == outputShape } ?? false
    }

    /// Whether the network may give back what it reads.
    private var fitsInputs: Bool {
      size == inputSize && size > 1 && final != .softmax && (isRow || outputShape == inputShape)
    }

    /// What is measured, by which loss, and why.
    func usual() throws -> (Target, Loss, String?) {
      let classes = dataset.classCount
      if let tokenShape, !dataset.hasClasses {
        if dataset.targets == nil, tokenShape[0] > 1 {
          return (
            .nextTokens, .crossEntropy,
            "the data have no labels, and each step's output is compared with the next token"
          )
        }
        if dataset.targets?.shape == [tokenShape[0]] {
          // Labels that are the tokens themselves are shifted by what reads them.
          return dataset.labelsAreInputs
            ? (.nextTokens, .crossEntropy, "the labels are the tokens, and the next one is meant")
            : (.stepClasses, .crossEntropy, "the labels are a class for each step")
        }
      }
      guard dataset.hasClasses || dataset.targets != nil else {
        guard fitsInputs else {
          throw refusal("the data have no labels, and the output is not as large as the input")
        }
        return (
          .inputs, .meanSquaredError,
          "the data have no labels, and the output is compared with the input"
        )
      }
      if dataset.hasClasses {
        // Many more outputs than classes, as many as inputs: an autoencoder, with data for others.
        if fitsInputs, size > 2 * classes {
          return (
            .inputs, .meanSquaredError,
            "the output is as large as the input, and is compared with it, not with \(classes) classes"
          )
        }
        if size == 1, final != .softmax {
          if classes <= 2 { return (.classes, .binaryCrossEntropy, "one output, and two classes") }
          if fitsNumbers {
            return (.numbers, .meanSquaredError, "one output, and labels that are numbers")
          }
          if dataset.loss == .meanSquaredError {
            return (.classes, .meanSquaredError, "one output")
          }
        }
        guard isRow, size >= classes else {
          throw refusal(
            "the network's output is of shape \(outputShape.isEmpty ? [size] : outputShape), and the data "
              + "have \(classes) classes")
        }
        return final == .sigmoid
          ? (.classes, .binaryCrossEntropy, "the network ends in a sigmoid for each class")
          : (.classes, .crossEntropy, nil)
      }
      guard let targets = dataset.targets, fitsNumbers else {
        if fitsInputs, dataset.targets?.size != size {
          throw refusal(
            "the labels are of shape \(dataset.targets?.shape ?? []), and the output is as large as the "
              + "input", remedy: "leave the labels out for an autoencoder")
        }
        throw refusal(
          "the network's output is of shape \(outputShape.isEmpty ? [size] : outputShape), and the labels are "
            + "of shape \(dataset.targets?.shape ?? [])")
      }
      if final == .softmax, dataset.loss == nil {
        throw refusal("the network ends in a softmax, and the labels are no classes")
      }
      if dataset.loss == nil {
        let values = Set(targets.values.prefix(4096))
        if size > 1, targets.areBinary {
          guard final == .sigmoid else {
            throw refusal(
              "the labels are zeros and ones, and the network does not end in a sigmoid: several losses "
                + "would fit", remedy: "state the loss")
          }
        } else if values == [-1, 1] {
          throw refusal(
            "the labels are −1 and 1: several losses would fit", remedy: "state the loss")
        }
      }
      return size > 1 && targets.areBinary && final == .sigmoid
        ? (.numbers, .binaryCrossEntropy, "several labels of 0 and 1, behind a sigmoid")
        : (.numbers, .meanSquaredError, "the labels are numbers of the output's shape")
    }

    /// Refuses a loss that the network or the data cannot have.
    func check(_ objective: Objective) throws {
      switch objective.loss {
      case .crossEntropy:
        guard [.classes, .nextTokens, .stepClasses].contains(objective.target), size > 1,
          final != .sigmoid
        else {
          throw refusal("the cross-entropy of classes needs classes, and an output for each")
        }
      case .binaryCrossEntropy:
        guard final == nil || final == .sigmoid else {
          throw refusal(
            "the binary cross-entropy needs a sigmoid or no activation at the end, and it ends in "
              + (final?.name ?? ""))
        }
        let areProbabilities =
          switch objective.target {
          case .classes: size > 1 || dataset.classCount <= 2
          case .nextTokens, .stepClasses: false
          case .numbers: dataset.targets?.areProbabilities ?? false
          case .inputs:
            dataset.normalization == nil && dataset.examples.allSatisfy { $0 >= 0 && $0 <= 1 }
          }
        guard areProbabilities else {
          throw refusal("the binary cross-entropy needs targets from 0 to 1")
        }
      case .meanSquaredError:
        guard ![.nextTokens, .stepClasses].contains(objective.target) else {
          throw refusal("the squared error of classes at every step is not known")
        }
      }
    }

    private func refusal(
      _ message: String, remedy: Wording = "give the data the network was made for"
    ) -> Diagnostic {
      Diagnostic(
        .badData, message,
        remedy: remedy
          + "; losses of other kinds: \(setting: .evaluator), or state one with \(setting: .loss)")
    }
  }
}
