package import Catalogs
import Datasets
import ModelGraph
import Networks

extension ModelRecipe {
  /// The recipe as attributes of a weight file: one number or word each, so that any reader of the
  /// file can sort and select by them.
  package var attributes: [String: Catalog.Attribute] {
    var attributes: [String: Catalog.Attribute] = [
      "name": .string(name),
      "data": .string(data.source),
      "data_fraction": .numbers([data.fraction]),
      "label_noise": .numbers([data.labelNoise]),
      "data_seed": .numbers([Double(data.seed)]),
      "optimizer": .string(training.optimizer),
      "schedule": .string(training.schedule),
      "initializer": .string(training.initializer),
      "learning_rate": .numbers([training.options.learningRate]),
      "weight_decay": .numbers([training.options.weightDecay]),
      "label_smoothing": .numbers([training.options.labelSmoothing]),
      "batch_size": .numbers([Double(training.options.batchSize)]),
      "epochs": .numbers([Double(training.options.epochs)]),
      "augmentation_shift": .numbers([Double(training.options.augmentation.maximumShift)]),
      "augmentation_flip": .numbers([training.options.augmentation.flips ? 1 : 0]),
      "seed": .numbers([Double(training.options.seed)]),
    ]
    if case .sgd(let momentum, let nesterov) = training.options.optimizer {
      attributes["momentum"] = .numbers([momentum])
      attributes["nesterov"] = .numbers([nesterov ? 1 : 0])
    }
    if let portion = data.portion {
      attributes["data_portion"] = .numbers([portion.lowerBound, portion.upperBound])
    }
    if let window = data.window { attributes["data_window"] = .numbers([Double(window)]) }
    if let classes = data.classes { attributes["classes"] = .numbers(classes.map(Double.init)) }
    if let corruption = data.corruption {
      attributes["corruption"] = .string(corruption.kind.rawValue)
      attributes["corruption_severity"] = .numbers([Double(corruption.severity)])
      if corruption.scale != .cifar {
        attributes["corruption_scale"] = .string(corruption.scale.rawValue)
      }
      if let strength = corruption.strength {
        attributes["corruption_strength"] = .numbers([strength])
      }
      if data.isRedrawn { attributes["corruption_draws"] = .string("epoch") }
    }
    if let projection = data.projection {
      attributes["projection_size"] = .numbers([Double(projection.size)])
      attributes["projection_seed"] = .numbers([Double(projection.seed)])
    }
    attributes["generation"] = .numbers([Double(generation)])
    if let parent { attributes["parent"] = .string(parent) }
    return attributes.merging(architecture.attributes) { $1 }
  }
}
