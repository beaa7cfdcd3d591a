import Datasets
import LinearAlgebra
import Networks
import Reports
public import Support

/// A claim about signatures, how it is measured, and whether it holds in a zoo.
public struct StudyClaim: Encodable {
  /// What is claimed, in a word.
  public var claim: String
  /// What is measured.
  public var measure: String
  /// From when on it holds.
  public var threshold: String
  /// What was measured, for people.
  public var measured: String
  /// The numbers themselves.
  public var values: [FiniteNumber]
  /// Whether the zoo bears it out.
  public var holds: Bool

  private init(
    _ claim: String, _ measure: String, _ threshold: String, _ measured: String,
    values: [Double], holds: Bool
  ) {
    self.claim = claim
    self.measure = measure
    self.threshold = threshold
    self.measured = measured
    self.values = values.map(FiniteNumber.init)
    self.holds = holds
  }

  /// Every claim that the findings can judge.
  public static func all(_ findings: StudyFindings) -> [StudyClaim] {
    var claims = [shallow(findings)]
    if let near = findings.acrossSeeds.first { claims.append(discriminative(near)) }
    if findings.acrossLabelSets.count > 2 { claims.append(transfer(findings)) }
    claims.append(rescaling(findings))
    if !findings.pairs.isEmpty { claims.append(composition(findings)) }
    claims += [compact(findings), removal(findings)]
    let controls = findings.kinds.filter(Corruption.Kind.controls.contains)
    if !controls.isEmpty { claims.append(control(findings, controls)) }
    return claims
  }

  private static func fixed(_ value: Double) -> String {
    NumberFormat.fixed(value, decimals: 2)
  }

  private static func points(_ value: Double) -> String {
    NumberFormat.fixed(100 * value, decimals: 1)
  }

  private static func shallow(_ findings: StudyFindings) -> StudyClaim {
    let ra = findings.byLayers.map(\.robust)
    let four = min(4, ra.count - 1)
    let all = ra[ra.count - 1] - ra[0]
    let shares = [2, four].map { (ra[$0] - ra[0]) / all }
    let additive = findings.additive
    let standard = findings.mean(over: additive, \.standard).robust
    let first = findings.mean(over: additive) { $0.grid[1][StudyFindings.full] }.robust - standard
    let last = findings.mean(over: additive, \.lastTwo).robust - standard
    // A patch of the last two that gains nothing leaves no ratio, and could not say more.
    let ratio = last > 0 ? first / last : .infinity
    return StudyClaim(
      "shallow layers carry the gain",
      "share of the all-layer gain at K = 2 and K = \(four); gain of the first 2 / of the last 2",
      "≥ 0.6, ≥ 0.85; ≥ 3",
      "\(fixed(shares[0])), \(fixed(shares[1])); "
        + (last > 0 ? fixed(ratio) : "last 2 gain nothing (\(points(last)) points)"),
      values: [shares[0], shares[1], ratio],
      holds: all > 0 && shares[0] >= 0.6 && shares[1] >= 0.85 && ratio >= 3)
  }

  private static func discriminative(_ near: SignatureStudy.Neighbours) -> StudyClaim {
    StudyClaim(
      "signatures tell the corruption",
      "nearest neighbour across seeds, K = 1; cosine of the same minus of another corruption",
      "≥ 90 %; ≥ 0.3",
      "\(NumberFormat.percent(near.nearest)); \(fixed(near.same - near.different)) "
        + "(\(fixed(near.same)) − \(fixed(near.different)))",
      values: [near.nearest, near.same - near.different],
      holds: near.nearest >= 0.9 && near.same - near.different >= 0.3)
  }

  private static func transfer(_ findings: StudyFindings) -> StudyClaim {
    let layers = 2  // the place of K = 3
    let near = findings.acrossLabelSets[0]
    let standard = findings.mean(\.standard).robust
    let own = findings.mean { $0.grid[layers][StudyFindings.full] }.robust - standard
    let foreign = findings.mean { $0.foreign[layers] }.robust - standard
    return StudyClaim(
      "they transfer across label sets",
      "nearest neighbour in the other label set, K = 1; gain of the foreign signature / own, K = 3",
      "≥ 50 % (chance \(NumberFormat.percent(near.chance))); ≥ 0.4",
      "\(NumberFormat.percent(near.nearest)); \(fixed(foreign / own))",
      values: [near.nearest, foreign / own],
      holds: near.nearest >= 0.5 && own > 0 && foreign / own >= 0.4)
  }

  private static func rescaling(_ findings: StudyFindings) -> StudyClaim {
    let scores = findings.byStrength
    let rising = zip(scores, SignatureStudy.alphas).filter { $0.1 <= 1 }.map(\.0.robust)
    let worst = zip(rising, rising.dropFirst()).map { $1 - $0 }.min() ?? 0
    let correlation = RankCorrelation.spearman(SignatureStudy.alphas, scores.map(\.clean))
    return StudyClaim(
      "α scales the effect",
      "smallest step of RA over α = 0, ¼, ½, ¾, 1; rank correlation of TA with α up to 2",
      "≥ −1 point; ≤ −0.95", "\(points(worst)) points; \(fixed(correlation))",
      values: [worst, correlation], holds: worst >= -0.01 && correlation <= -0.95)
  }

  private static func composition(_ findings: StudyFindings) -> StudyClaim {
    let place = SignatureStudy.pairAlphas.firstIndex(of: 0.7) ?? 0
    let pair = findings.byPairStrength[place]
    let standard = findings.mean(\.standard)
    let single = findings.byLayers[findings.layerCount].robust - standard.robust
    let share = (pair.robust - standard.robust) / single
    let drop = standard.clean - pair.clean
    return StudyClaim(
      "pairs compose",
      "gain of two signatures at 0.7 each, on both corruptions / of one at 1; loss of TA",
      "≥ 0.6; ≤ 10 points", "\(fixed(share)); \(points(drop)) points", values: [share, drop],
      holds: single > 0 && share >= 0.6 && drop <= 0.1)
  }

  private static func compact(_ findings: StudyFindings) -> StudyClaim {
    func robust(_ form: StudySignature.Form) -> Double {
      findings.mean { $0.forms[form] ?? $0.standard }.robust
    }
    let loss = robust(.dense) - robust(.levels(8))
    let ratio = findings.sizes.model / findings.sizes.signature
    return StudyClaim(
      "8 levels cost nothing, and are small",
      "RA lost against Float32; size of the network / of the signature file, K = "
        + "\(findings.layerCount)", "≤ 1 point; ≥ 80",
      "\(points(loss)) points; \(NumberFormat.fixed(ratio, decimals: 0)) "
        + "(\(Int(findings.sizes.signature)) B)",
      values: [loss, ratio], holds: loss <= 0.01 && ratio >= 80)
  }

  private static func removal(_ findings: StudyFindings) -> StudyClaim {
    let removals = findings.removals
    let share = Double(removals.restored) / Double(max(1, removals.tensors))
    return StudyClaim(
      "removal is exact",
      "tensors with every bit again after taking \(removals.signatures) signatures out, in every order",
      "100 %",
      "\(NumberFormat.percent(share)) (\(removals.restored) of \(removals.tensors), "
        + "\(removals.orders) orders)", values: [share],
      holds: removals.changed > 0 && removals.restored == removals.tensors)
  }

  private static func control(
    _ findings: StudyFindings, _ controls: [Corruption.Kind]
  ) -> StudyClaim {
    let shares = controls.map { kind in
      let cells = findings.cells(of: kind)
      let standard = findings.mean(over: cells, \.standard).robust
      let patched = findings.mean(over: cells) {
        $0.grid[findings.layerCount - 1][StudyFindings.full]
      }.robust
      return (patched - standard) / (findings.mean(over: cells, \.robust).robust - standard)
    }
    return StudyClaim(
      "controls are not patchable",
      "gain of the patch / of the robust network: "
        + controls.map(\.rawValue).joined(separator: ", "), "< 0.35",
      shares.map(fixed).joined(separator: ", "), values: shares,
      holds: shares.allSatisfy { $0 < 0.35 })
  }
}
