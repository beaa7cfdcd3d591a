import Testing

@testable import Catalogs

/// What names of tensors say, which matching, merging, comparing, indexing and spectra all go by.
@Suite("Roles of tensors by their names") struct TensorRoleTests {
  static let cases: [(String, TensorRole?)] = [
    ("optimizer/vars/3", .optimiserState),
    ("optimizer_weights/adam/m/dense/kernel", .optimiserState),
    ("optimizer_state_dict.state.0.exp_avg", .optimiserState), ("d_optimizer.x", .optimiserState),
    ("layer.weight.exp_avg_sq", .optimiserState), ("fc.weight.momentum_buffer", .optimiserState),
    ("exp_avg.layer.weight", .optimiserState), ("fc.weight_exp_avg", nil),
    ("fc.weight.max_exp_avg_sq", .optimiserState), ("state.12.step", .optimiserState),
    ("state.a.step", nil), ("state.12.encoder.step", nil), ("optimizer", nil),
    ("bn1.num_batches_tracked", .counter), ("global_step", .counter), ("model.step", nil),
    ("dropout/seed_generator/seed_generator_state", .generatorState),
    ("seed_generator_state", .generatorState),
    ("model_weights/top_level_model_weights/scale", .outsideLayers),
    ("layers.0.weight", nil), ("optics.weight", nil), ("opt.decoder.weight", nil),
    ("optimus.fc.bias", nil), ("scaler.weight", nil), ("amp.conv.weight", nil), ("", nil),
  ]

  @Test("names", arguments: cases)
  func roles(name: String, role: TensorRole?) {
    #expect(TensorRole(ofTensorNamed: name) == role)
  }

  @Test("keys of checkpoints say more than names of tensors, and never less")
  func keys() {
    for key in ["optimizer", "optimizer_G_state_dict", "optim_g", "opt", "amp", "lr_scheduler"] {
      #expect(TensorRole.isTraining(key: key))
    }
    for key in ["state_dict", "model", "decoder", "ema", "options_embedding"] {
      #expect(!TensorRole.isTraining(key: key))
    }
    #expect(TensorRole.allCases.filter { !$0.isOfTraining } == [.outsideLayers])
  }
}
