import Foundation
import ModelGraph
import Support
import Testing

@testable import Workbench

@Suite("Outputs as probabilities of classes")
struct ClassProbabilitiesTests {
  @Test("logits go through a softmax or a sigmoid; what is behind one is taken as it is")
  func probabilities() throws {
    let logits = try ClassProbabilities.probabilities(
      [0, log(3), 1000, 0], size: 2, final: nil, classes: 2)
    #expect(abs(logits[0] - 0.25) < 1e-6 && abs(logits[1] - 0.75) < 1e-6)
    #expect(logits[2] == 1 && logits[3] == 0)
    #expect(
      try ClassProbabilities.probabilities([0.5, 0.25], size: 2, final: .sigmoid, classes: 2)
        == [0.5, 0.25])
    #expect(
      try ClassProbabilities.probabilities([0.5, 0.5], size: 2, final: .softmax, classes: 2)
        == [0.5, 0.5])
    // An output between 0 and 1 is a probability only behind a sigmoid.
    #expect(
      try ClassProbabilities.probabilities([0.25], size: 1, final: .sigmoid, classes: 2)
        == [0.75, 0.25])
    let one = try ClassProbabilities.probabilities([0], size: 1, final: nil, classes: 2)
    #expect(one == [0.5, 0.5])
  }

  @Test("as many outputs as classes are needed")
  func refusal() {
    let error = #expect(throws: Diagnostic.self) {
      try ClassProbabilities.probabilities([1, 2, 3], size: 3, final: nil, classes: 2)
    }
    #expect(error?.code == .badData)
  }
}
