public import Datasets
import Foundation
import Support
import WeightFiles

/// A zoo of fine-tunes for the study of signatures, put in order by what its files say: which model
/// started from which, on which classes, against which corruption, with which seed.
public struct StudyZoo: Sendable {
  /// The models of one label set.
  public struct Lineage: Sendable {
    /// `A`, `B`, … in the order of their classes.
    public var label: String
    /// The classes that its networks tell apart; nil for all.
    public var classes: [Int]?
    /// What all of them started from.
    public var pretrained: LoadedModel
    /// One a seed.
    public var runs: [Run]
  }

  /// The models of one label set and one seed.
  public struct Run: Sendable {
    /// The seed.
    public var seed: Double
    /// The network fine-tuned on clean images.
    public var standard: LoadedModel
    /// The networks fine-tuned on corrupted images, by corruption.
    public var robust: [Corruption.Kind: LoadedModel]
  }

  /// One a label set, in the order of their classes.
  public var lineages: [Lineage]
  /// The corruptions that every run has.
  public var corruptions: [Corruption]
  /// The data that the models were trained on.
  public var data: String
  /// How many files there are.
  public var modelCount: Int

  /// Reads every model in a folder.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the models do not make up such a zoo.
  public static func load(_ folder: String, jobs: Int?) async throws -> StudyZoo {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw Diagnostic(
        .noInput, "there is no such folder", at: [folder],
        remedy:
          "build the zoo first: \(action: .zooBuild, of: "zoo-specs/rws-digits.yaml", with: .output, folder)"
      )
    }
    var models: [LoadedModel] = []
    for name in names.sorted() where name.hasSuffix(".h5") && !name.hasPrefix(".") {
      models.append(try await LoadedModel.load("\(folder)/\(name)", jobs: jobs))
    }
    do { return try StudyZoo(models) } catch let error as Diagnostic {
      throw error.inside(folder)
    }
  }

  private init(_ models: [LoadedModel]) throws {
    let remedy: Wording = "build it from a spec like zoo-specs/rws-digits.yaml"
    let byName = Dictionary(
      models.compactMap { model in model.text("name").map { ($0, model) } }
    ) { first, _ in first }
    let robust = models.filter { $0.text("corruption") != nil && $0.text("parent") != nil }
    let parents = Set(robust.compactMap { $0.text("parent") })
    guard !parents.isEmpty else {
      throw Diagnostic(.badData, "there is no fine-tune against a corruption", remedy: remedy)
    }
    var lineages: [Lineage] = []
    var shared: [Corruption]?
    for parent in parents.sorted() {
      guard let pretrained = byName[parent] else {
        throw Diagnostic(.badData, "the model \(parent) is missing", remedy: remedy)
      }
      let children = models.filter { $0.text("parent") == parent }
      let standards = children.filter { $0.text("corruption") == nil && $0.text("name") != nil }
        .filter { !parents.contains($0.text("name") ?? "") }
      var runs: [Run] = []
      for standard in standards {
        let seed = standard.number("seed") ?? 0
        let own = children.filter { $0.text("corruption") != nil && $0.number("seed") == seed }
        var corruptions: [Corruption] = []
        var table: [Corruption.Kind: LoadedModel] = [:]
        for model in own {
          let corruption = try model.corruption()
          guard table.updateValue(model, forKey: corruption.kind) == nil else {
            throw Diagnostic(
              .badData, "two models of one seed are fine-tuned against \(corruption.kind.rawValue)",
              at: [model.path], remedy: "give each corruption one model a seed")
          }
          corruptions.append(corruption)
        }
        shared = shared.map { all in all.filter(corruptions.contains) } ?? corruptions
        runs.append(Run(seed: seed, standard: standard, robust: table))
      }
      guard !runs.isEmpty else {
        throw Diagnostic(
          .badData, "\(parent) has no fine-tune without a corruption", remedy: remedy)
      }
      lineages.append(
        Lineage(
          label: "", classes: pretrained.classes, pretrained: pretrained,
          runs: runs.sorted { $0.seed < $1.seed }))
    }
    let order = Corruption.Kind.allCases
    corruptions = (shared ?? []).sorted {
      (order.firstIndex(of: $0.kind) ?? 0) < (order.firstIndex(of: $1.kind) ?? 0)
    }
    guard corruptions.count >= 2 else {
      throw Diagnostic(
        .badData, "two corruptions that every label set and seed has are needed", remedy: remedy)
    }
    self.lineages = lineages.sorted {
      ($0.classes ?? []).lexicographicallyPrecedes($1.classes ?? [])
    }
    for index in self.lineages.indices {
      self.lineages[index].label = String(UnicodeScalar(UInt8(65 + index % 26)))
    }
    data = models.compactMap { $0.text("data") }.first ?? "digits"
    modelCount = models.count
  }
}

extension LoadedModel {
  /// The corruption that the model was trained against, as its file says.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it says something unknown.
  public func corruption() throws -> Corruption {
    guard let kind = text("corruption").flatMap(Corruption.Kind.init(name:)) else {
      throw Diagnostic(.badData, "its corruption is not known", at: [path])
    }
    let severity = Int(exactly: number("corruption_severity") ?? 3) ?? 3
    let strength = number("corruption_strength")
    guard (1...5).contains(severity), strength.map({ kind.strengths?.contains($0) == true }) ?? true
    else {
      throw Diagnostic(.badData, "the strength of its corruption makes no sense", at: [path])
    }
    return Corruption(
      kind, severity: severity,
      scale: text("corruption_scale").flatMap(Corruption.Scale.init) ?? .cifar, strength: strength)
  }
}
