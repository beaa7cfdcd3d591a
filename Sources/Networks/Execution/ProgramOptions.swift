/// What a program is compiled for.
struct ProgramOptions {
  /// Whether layers behave as in training, and a backward pass exists.
  var isTraining = false
  /// Whether batch normalisation takes the batch's statistics, and keeps them to be read, while
  /// everything else behaves as when run.
  var measuresStatistics = false
  /// Whether a softmax at the end is left out, so that the output is its logits.
  var dropsFinalSoftmax = false
  /// Whether a sigmoid at the end is left out, so that the output is its logits.
  var dropsFinalSigmoid = false
  /// Layers whose outputs are kept to be read.
  var captures: [String] = []
  /// Whether the gradient with respect to the input is wanted.
  var needsInputGradient = false
  /// Whether products of the loss's second derivatives with directions can be had: layers behave as
  /// when run.
  var differentiatesTwice = false
  /// Whether batch normalisation takes the batch's statistics where `differentiatesTwice`.
  var normalizesByBatch = false
  /// Whether what does not depend on the direction is kept from one product to the next.
  var keepsPrimal = false
  /// The shape of one example, where the graph leaves an axis open.
  var inputShape: [Int]?

  /// Whether there is a backward pass.
  var isDifferentiated: Bool { isTraining || needsInputGradient || differentiatesTwice }
  /// Whether weights are differentiated by.
  var differentiatesWeights: Bool { isTraining || differentiatesTwice }
}
