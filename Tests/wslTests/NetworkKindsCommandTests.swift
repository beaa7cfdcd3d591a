import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// Networks as people build them, from the command line: wrapped, recurrent, with other losses.
@Suite("Kinds of networks on the command line")
struct NetworkKindsCommandTests {
  private func path(_ name: String) -> String {
    Tool.packageRoot.appendingPathComponent("Tests/" + name).path
  }
  private func losses(_ name: String) -> String { path("NetworksTests/Fixtures/losses/" + name) }
  private func graphs(_ name: String) -> String { path("ModelGraphTests/Fixtures/" + name) }

  @Test("connect measures one sigmoid output, and a regression, and says by what")
  func connect() throws {
    // The losses are Keras's, of make_losses.py.
    for (name, loss, accuracy, word, target) in [
      ("sigmoid", 0.6650567, 0.5 as Double?, "binaryCrossEntropy", "classes"),
      ("regression", 1.6894929, nil, "meanSquaredError", "numbers"),
      ("autoencoder", 1.3184853, nil, "meanSquaredError", "inputs"),
    ] {
      let model = losses("\(name).keras")
      let outcome = try Tool.run(
        "connect", model, model, "--data", losses("\(name).npz"), "--points", "2", "--json")
      #expect(outcome.code == 0)
      let result = try outcome.json()
      #expect(result["lossFunction"]?.string == word && result["target"]?.string == target)
      let point = try #require(result["curves"]?[0]?["points"]?[0])
      #expect(abs(try #require(point["loss"]?.number) - loss) < 1e-5)
      #expect(point["accuracy"]?.number == accuracy)
      #expect(outcome.errors.contains("the loss is"))
      #expect(result["warnings"]?.array?.contains { "\($0)".contains("the loss is") } == true)
    }
  }

  @Test("evaluate takes a loss that is stated, and refuses what does not fit in one line")
  func evaluate() throws {
    let arguments = ["evaluate", losses("images.keras"), "--data", losses("images.npz"), "--json"]
    let stated = try Tool.run(arguments + ["--loss", "binary-cross-entropy"])
    let model = try #require(try stated.json()["models"]?[0])
    #expect(abs(try #require(model["cleanLoss"]?.number) - 0.7151847) < 1e-5)
    #expect(model["lossFunction"]?.string == "binaryCrossEntropy")
    #expect(try Tool.run(arguments + ["--loss", "cross-entropy"]).code == 65)
    #expect(try Tool.run(arguments + ["--loss", "hinge"]).code == 64)
    let other = try Tool.run("evaluate", losses("sigmoid.keras"), "--data", losses("several.npz"))
    #expect(other.code == 65 && other.errors.contains("--evaluator"))
    #expect(other.errors.split(separator: "\n").count == 1)
  }

  @Test("straight-through matching says the loss that it trains by")
  func straightThrough() throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(
      "match", losses("regression.keras"), losses("regression.keras"), "-o",
      scratch.path("o.keras"),
      "--method", "straight-through", "--data", losses("regression.npz"))
    #expect(outcome.code == 0 && outcome.errors.contains("the mean squared error"))
  }

  @Test(
    "networks permuted at random compute what they did",
    arguments: [
      "wrapped_resnet", "headed_resnet", "projected_resnet", "wrapped_vgg", "torch_lstm",
      "torch_gru",
      "torch_rnn", "torch_words",
    ])
  func checked(_ name: String) throws {
    let outcome = try Tool.run("inspect", graphs("\(name).torch.h5"), "--check", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let groups = try #require(try outcome.json()["symmetries"]?.array)
    #expect(!groups.isEmpty)
  }

  @Test("a described recurrent network, and images in folders")
  func described() throws {
    let check = try Tool.run(
      "inspect", graphs("torch_both.torch.h5"), "--graph", graphs("torch_both.yaml"), "--check")
    #expect(check.code == 0)
    let images = try Tool.run(
      "evaluate", losses("images.keras"), "--data", path("NetworksTests/Fixtures/data/images"))
    #expect(images.code == 65 && images.errors.contains("[16, 12, 3]"))
  }
}
