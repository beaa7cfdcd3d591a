import Catalogs
import ModelGraph
import Support
import Testing

/// Real configurations and catalogues, damaged at random: an error or a graph, never a trap.
@Suite("Damaged configurations")
struct DamagedCatalogTests {
  private static let keras = [
    "mlp.h5", "resnet.h5", "tcn.h5", "separable.h5", "inception.h5", "lstm.h5", "gru.h5",
    "bidirectional.h5", "nested.h5", "squeeze.h5",
  ]
  private static let numbers: [Double] = [
    -1, 0, 1, 2, 3, 7, 0.5, 1e9, 2_147_483_647, 4e9, 9.3e18, -9.3e18, 1e300,
  ]
  private static let lengths = [0, 1, 2, 3, 5, 64, 1 << 31, 1 << 40, Int.max]

  @Test(arguments: keras)
  func configurations(_ file: String) async throws {
    var catalog = try await Fixture.catalog(file)
    let text = try #require(catalog.text("model_config"))
    let whole = try JSONValue(parsing: text.utf8)
    var random = RepeatableGenerator(state: UInt64(file.utf8.count))
    var outcomes: Set<Bool> = []
    for _ in 0..<40 {
      var damaged = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged = damage(damaged, &random)
      }
      catalog.attributes[""]?["model_config"] = .string(write(damaged))
      outcomes.insert(survives(catalog))
    }
    #expect(outcomes.contains(false))
  }

  @Test(arguments: keras + ["resnet18.torch.h5", "vgg16_bn.torch.h5", "mlp.weights.h5"])
  func shapes(_ file: String) async throws {
    let whole = try await Fixture.catalog(file)
    var random = RepeatableGenerator(state: UInt64(file.utf8.count))
    for _ in 0..<25 {
      var catalog = whole
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        guard let index = catalog.tensors.indices.randomElement(using: &random) else { continue }
        var shape = catalog.tensors[index].shape
        switch Int.random(in: 0..<4, using: &random) {
        case 0: shape.append(Self.lengths.randomElement(using: &random) ?? 1)
        case 1: if !shape.isEmpty { shape.removeLast() }
        case 2: catalog.tensors[index].name += "x"
        default:
          if let axis = shape.indices.randomElement(using: &random) {
            shape[axis] = Self.lengths.randomElement(using: &random) ?? 1
          }
        }
        catalog.tensors[index].shape = shape
      }
      _ = survives(catalog)
    }
  }

  /// Whether a graph came out of it. Errors other than diagnostics are failures.
  private func survives(_ catalog: Catalog) -> Bool {
    do {
      let graph = try ModelGraph(catalog)
      _ = try graph.permutationGroups()
      _ = graph.fingerprint
      _ = try ModelPair(graph, graph)
      return true
    } catch let error as Diagnostic {
      #expect(error.code == .badData && !error.message.isEmpty)
      return false
    } catch {
      Issue.record(error)
      return false
    }
  }

  /// One value somewhere in a document, changed.
  private func damage(
    _ value: JSONValue, _ random: inout RepeatableGenerator
  ) -> JSONValue {
    switch value {
    case .object(var members) where !members.isEmpty:
      // What no importer reads would take most of the blows.
      let unread = ["initializer", "regularizer", "constraint", "dtype", "config_", "trainable"]
      let keys = members.keys.filter { key in !unread.contains { key.contains($0) } }
      guard let key = keys.sorted().randomElement(using: &random) else { return value }
      if Int.random(in: 0..<25, using: &random) == 0 {
        members[key] = nil
      } else {
        members[key] = members[key].map { damage($0, &random) }
      }
      return .object(members)
    case .array(var list) where !list.isEmpty:
      guard let index = list.indices.randomElement(using: &random) else { return value }
      switch Int.random(in: 0..<20, using: &random) {
      case 0: list.remove(at: index)
      case 1: list.append(list[index])
      case 2: list.reverse()
      default: list[index] = damage(list[index], &random)
      }
      return .array(list)
    case .number: return .number(Self.numbers.randomElement(using: &random) ?? 0)
    case .bool(let flag): return .bool(!flag)
    case .string(let text):
      let words = [
        "", "relu", "same", "Dense", "Add", "channels_first", "dense", "LSTM", text + "x",
      ]
      return .string(words.randomElement(using: &random) ?? text)
    default: return .number(Self.numbers.randomElement(using: &random) ?? 0)
    }
  }

  private func write(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .number(let number): "\(number)"
    case .string(let text): "\"\(text)\""
    case .array(let list): "[\(list.map(write).joined(separator: ","))]"
    case .object(let members):
      "{\(members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\(write($0.value))" }.joined(separator: ","))}"
    }
  }
}
