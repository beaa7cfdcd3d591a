import Foundation
public import ModelGraph
public import Support
import Tensors
import WeightFiles

extension Kinship {
  /// Judges two files.
  ///
  /// - Throws: `Diagnostic` where a file cannot be read, or holds numbers that are not finite.
  public init(
    _ pathA: String, _ pathB: String, statement: GraphStatement = .none, options: Options = .init(),
    progress: ProgressHandler? = nil
  ) async throws {
    async let openingA = WeightFile.open(pathA)
    async let openingB = WeightFile.open(pathB)
    let (first, second) = (try await openingA, try await openingB)
    let shared = try testContents(first, second, options)
    if shared >= Self.sharedNumbers {
      verdict = .sameOrigin
      reason =
        "\(String(format: "%.1f", 100 * shared)) % of the numbers stand in tensors of both files, "
        + "whatever their names and order"
    }
    let pair: LoadedPair
    do {
      pair = try await LoadedPair.load(
        pathA, pathB, statement: statement, jobs: options.jobs,
        // They are held once more without their scales.
        maxMemory: options.memory.map { $0 / 2 }, acceptsHeads: true)
    } catch let error as Diagnostic where error.code == .badData {
      guard verdict == .undecided else { return }
      reason =
        "the two cannot be laid side by side, so that nothing can be tested: \(error.message)"
      return
    }
    if let broken = pair.brokenElement { throw broken }
    let networks = try KinNetworks(pair)
    guard let order = try testOrder(networks, options) else {
      guard verdict == .undecided else { return }
      reason = "no layer that both have holds units whose order could tell"
      return
    }
    let alignment = try testAlignment(
      networks, options, comparesShuffled: !order.isSame && verdict == .undecided,
      progress: progress)
    decide(order, alignment)
  }

  private mutating func decide(
    _ order: (isSame: Bool, hasPower: Bool), _ alignment: (cosine: Double, isAbove: Bool?)?
  ) {
    guard verdict == .undecided else { return }
    if order.isSame {
      verdict = .sameOrigin
      reason = "units stand in the same places, which independent trainings do not leave behind"
    } else if let alignment, alignment.cosine >= Self.oneNetwork {
      verdict = .sameOrigin
      reason = "once brought in line the networks lie on one another, as only copies do"
    } else if !order.hasPower {
      reason = "the layers have too few units for their order to tell"
    } else if let isAbove = alignment?.isAbove {
      verdict = isAbove ? .alignable : .unrelated
      reason =
        isAbove
        ? "the units do not stand in the same places; they can be brought in line, as those of independent "
          + "networks of one task can"
        : "the units neither stand in the same places nor can be brought in line better than "
          + "random ones"
    } else {
      reason =
        "the units do not stand in the same places, and the networks are too large to bring them in line"
    }
  }

  /// The share of the numbers that both files have, whatever the names, order, layout and type; constants do not
  /// count.
  private mutating func testContents(
    _ first: WeightFile, _ second: WeightFile, _ options: Options
  ) throws -> Double {
    let reading = CanonicalComparison.Options(
      jobs: options.jobs, budget: options.memory ?? 256 << 20, isStrict: options.memory != nil)
    let comparison = try CanonicalComparison(
      first, second, pairing: try FilePairing(first, second, transposing: true), options: reading)
    let share = comparison.sharedNumbers
    add(
      "contents", share, nil,
      "the share of the smaller model's numbers that stand in tensors of both, whatever their names and "
        + "order; constants do not count")
    return share
  }
}
