import ArgumentParser
import Foundation

/// `wsl help terms`: what the words in results mean.
struct TermsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "terms", abstract: "Explain the words that results use.", discussion: text)

  func run() { Terminal.print(Self.text) }

  private static let text = Self.terms.map { "\($0.term): \($0.meaning)" }
    .joined(separator: "\n\n")

  /// The words by subject, each with what it means and where it was defined.
  static let terms: [(term: String, meaning: String)] = [
    (
      "unit, group",
      """
      A unit is a neuron of a dense layer, or a channel of a convolution. A group is all units that \
      have to be permuted in one way for the network to compute the same: of a layer, or of all layers \
      that a residual connection ties together.
      """
    ),
    (
      "matching",
      """
      Permuting the units of B so that its weights, or what its units do, are as near to A's as can be \
      found (Ainsworth et al. 2023).
      """
    ),
    (
      "objective",
      "What matching makes small: the squared distance of the tensors that are permuted."
    ),
    (
      "universe",
      "An order of units of its own, with which several networks are lined up (Crisostomi et al. 2024)."
    ),
    (
      "barrier",
      """
      How far the loss on a path between two networks rises over the straight line between the losses \
      at its ends (over line), over their mean (over mean), or both at the middle (at ½). In nats where \
      the loss is a cross-entropy.
      """
    ),
    ("t", "The place on a path: 0 at A, 1 at B."),
    (
      "R(0.3), with middle",
      """
      How well the leading singular vectors of two networks' layers line up: those whose singular values \
      are at least 0.3 times the largest (Ito et al. 2025); with middle: of A and the average of both.
      """
    ),
    (
      "Taylor at ½",
      "The barrier at the middle as the first and second derivatives at the ends foretell it."
    ),
    (
      "repair, reset, rescale",
      """
      Giving the units of averaged networks the statistics back that averaging took: reset measures \
      batch normalisation anew; repair (Jordan et al. 2023) does the same for units without it; rescale \
      takes norms of weights for it.
      """
    ),
    (
      "alpha, D, tail, xmin",
      """
      A power law is fitted to the largest eigenvalues of WᵀW, those from xmin up, which are the tail. \
      Alpha is its exponent; D is the largest distance between the fitted and the true distribution, 0 \
      where the fit is perfect (Clauset et al. 2009; Martin and Mahoney 2021).
      """
    ),
    (
      "log norm, stable rank, entropy",
      """
      The decimal logarithm of the squared Frobenius norm; that norm over the largest eigenvalue; the \
      entropy of the eigenvalues' shares, 1 where all are alike.
      """
    ),
    (
      "spikes, rank above noise",
      """
      Eigenvalues above the edge of the bulk that a matrix of noise has (Marchenko and Pastur 1967); \
      singular values that stand out of noise of the estimated size (Gavish and Donoho 2014).
      """
    ),
    (
      "left space kept",
      """
      How much of the space of the leading left singular vectors of A is in that of B: the mean squared \
      cosine of the angles between them.
      """
    ),
    (
      "signature",
      """
      The difference between a network that was fine-tuned on corrupted data and one that was \
      fine-tuned on clean data. Adding it to another network of the family patches robustness in.
      """
    ),
    (
      "cos(d, a), removed",
      """
      d is the way from the pretrained to the standard network, a the way to the robust one. Removed is \
      the share of a that lies along d, and is not in the signature.
      """
    ),
    (
      "severity, robust accuracy, mCE",
      """
      How strong a corruption is, 1 to 5; the accuracy on corrupted data; the mean error over \
      corruptions, with --mce-reference relative to that of another network (Hendrycks and Dietterich \
      2019).
      """
    ),
    (
      "trace, density",
      """
      The sum of the eigenvalues of the Hessian, the second derivatives of the loss, and how they are \
      distributed.
      """
    ),
    (
      "CKA, SVCCA, agreement",
      """
      How alike two networks' representations of the same examples are, 0 to 1 (Kornblith et al. 2019; \
      Raghu et al. 2017), and on how many examples they predict the same.
      """
    ),
    (
      "fingerprint, content",
      """
      Hashes: of a network's graph with its shapes, and of a model's elements. Models of one content are \
      the same whatever file they are in.
      """
    ),
    (
      "certainty",
      """
      How sure a graph is: declared by the file or by you, recognised as one of a family, confirmed by \
      data, or assumed from names and shapes.
      """
    ),
    (
      "phase",
      """
      Where a network is in the landscape of its loss, by its loss, by whether networks like it are \
      connected, and by how alike they are: I, II, III, IV-A, IV-B (Yang et al. 2021).
      """
    ),
    (
      "ambiguity, discrepancy",
      """
      Of models that are about as good as the best one: the share of examples that some of them judge \
      otherwise than it, and the share that the one does which differs most (Marx et al. 2020).
      """
    ),
  ]
}
