import Catalogs
package import Connectivity
import Matching
import Networks
import Support
import WeightFiles

extension PairStudyResult.CurveRow {
  init(_ finding: PairStudy.Finding, part: Int, split: String, models: MatchedModels) {
    let curve = finding.curves[part]
    name = curve.name
    a = models.models[finding.a].file.catalog.file
    b = models.models[finding.b].file.catalog.file
    self.split = split
    points = curve.points.map {
      PairStudyResult.PointRow(
        t: $0.t, loss: FiniteNumber($0.loss), accuracy: FiniteNumber($0.accuracy))
    }
    let barrier = curve.barrier
    self.barrier = PairStudyResult.BarrierRow(
      loss: FiniteNumber(barrier.loss), accuracy: FiniteNumber(barrier.accuracy), at: barrier.at)
    barriers = PairStudyResult.BarriersRow(
      loss: PairStudyResult.BarrierSet(curve.lossBarriers),
      error: PairStudyResult.BarrierSet(curve.errorBarriers))
    if finding.tempered.indices.contains(part) {
      bestTemperature = PairStudyResult.TemperatureRow(curve, finding.tempered[part])
    }
    if finding.taylor.indices.contains(part) {
      taylor = PairStudyResult.TaylorRow(finding.taylor[part])
    }
    l2 = finding.distance.map { FiniteNumber($0.l2) }
    cosine = finding.distance.map { FiniteNumber($0.cosine ?? .nan) }
    // Measured on the first data set only.
    if part == 0, !finding.outputBounds.isEmpty {
      outputBound = finding.outputBounds.map(PairStudyResult.OutputBoundRow.init)
    }
    scaling = finding.scaling.map { ScalingRow($0) }
    alignment = finding.alignment.map { alignment in
      func numbers(_ values: [Double?]) -> [FiniteNumber] {
        values.map { FiniteNumber($0 ?? .nan) }
      }
      return PairStudyResult.AlignmentRow(
        gammas: alignment.thresholds, ends: numbers(alignment.ends),
        aMiddle: numbers(alignment.endAAndMiddle), bMiddle: numbers(alignment.endBAndMiddle))
    }
  }
}

extension PairStudyResult.BarrierSet {
  fileprivate init(_ barriers: Barriers) {
    overLine = barriers.overLine.map(FiniteNumber.init)
    overMean = barriers.overMean.map(FiniteNumber.init)
    atMiddle = barriers.atMiddle.map(FiniteNumber.init)
    modeConnectivity = barriers.modeConnectivity.map(FiniteNumber.init)
  }
}

extension PairStudyResult.TemperatureRow {
  fileprivate init(_ curve: Curve, _ tempered: [TemperedLoss]) {
    points = zip(curve.points, tempered).map {
      Point(
        t: $0.t, temperature: FiniteNumber($1.temperature), loss: FiniteNumber($1.loss))
    }
    var own = curve
    for (place, point) in tempered.enumerated() { own.points[place].loss = point.loss }
    barrier = FiniteNumber(own.barrier.loss)
    at = own.barrier.at
    barriers = PairStudyResult.BarrierSet(own.lossBarriers)
  }
}

extension PairStudyResult.OutputBoundRow {
  init(_ bound: OutputBound) {
    tensor = bound.tensor
    inputs = bound.inputCount
    outputNorm = FiniteNumber(bound.outputNorm)
    difference = FiniteNumber(bound.difference)
    self.bound = FiniteNumber(bound.bound)
    plainBound = FiniteNumber(bound.plainBound)
    gammas = LayerAlignment.standardThresholds
    concentration = bound.concentrations.map(FiniteNumber.init)
    isotropic = bound.isotropic.map(FiniteNumber.init)
  }
}

extension PairStudyResult.TaylorRow {
  fileprivate init(_ taylor: TaylorEstimate) {
    estimate = FiniteNumber(taylor.barrier)
    barrier = FiniteNumber(taylor.trueBarrier)
    slopes = [taylor.slopes.a, taylor.slopes.b].map(FiniteNumber.init)
    curvatures = [taylor.curvatures.a, taylor.curvatures.b].map(FiniteNumber.init)
  }
}

extension PairStudyResult.RepairRow {
  /// How activations were repaired.
  package init(_ repair: Repair) {
    method = repair.method.rawValue
    switch repair {
    case .reset(let statistics): examples = statistics.exampleCount
    case .repair(let repair): examples = repair.exampleCount
    case .rescale: return
    }
    split = "train"
  }
}
