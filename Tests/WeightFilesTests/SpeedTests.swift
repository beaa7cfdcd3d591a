import Foundation
import Testing
import WorkbenchCore

@testable import WeightFiles

/// Figures, not verdicts: 64 MiB of Float32 in three layouts, and a catalogue of 500 data sets, beside
/// h5py where it is at hand. Run in release, with `WSL_SPEED=1`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["WSL_SPEED"] != nil), .serialized)
struct SpeedTests {
  /// Seconds of processor time, of this process and the workers that ended.
  private static func processorSeconds() -> Double {
    var sum = 0.0
    for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
      var usage = rusage()
      getrusage(__rusage_who_t(who.rawValue), &usage)
      for time in [usage.ru_utime, usage.ru_stime] {
        sum += Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
      }
    }
    return sum
  }

  private func best(_ work: () async throws -> Void) async throws -> [Double] {
    var seconds = Double.infinity
    var busy = Double.infinity
    for _ in 0..<5 {
      let begin = ContinuousClock.now
      let before = Self.processorSeconds()
      try await work()
      busy = min(busy, Self.processorSeconds() - before)
      let duration = (ContinuousClock.now - begin).components
      seconds = min(seconds, Double(duration.seconds) + Double(duration.attoseconds) * 1e-18)
    }
    return [seconds, busy]
  }

  @Test func figures() async throws {
    try await Fixtures.withFolder { folder in
      let side = 4096
      // What trained weights look like to a compressor: random mantissas, few exponents.
      var random = DamageTests.Generator(state: 1)
      let values = (0..<(side * side)).map { _ in
        Float.random(in: -0.1...0.1, using: &random) * Float.random(in: 0...1, using: &random)
      }
      let tensor = Tensor(shape: [side, side], values: values)
      var document = HDF5Document()
      document.add("x", tensor)
      try document.write(to: folder + "contiguous.h5", compression: .none)
      try document.write(to: folder + "shuffle.h5", compression: .gzip(level: 4))
      try document.write(to: folder + "gzip.h5", compression: .gzip(level: 4, shuffles: false))
      var many = HDF5Document()
      for index in 0..<500 {
        many.add(
          "layer_\(index / 2)/vars/\(index % 2)",
          Tensor(shape: [8, 8], values: Array(repeating: 1, count: 64)))
      }
      try many.write(to: folder + "many.h5")
      var figures: [String: [Double]] = [:]
      for name in ["contiguous", "gzip", "shuffle"] {
        let file = try await WeightFile.open(folder + name + ".h5")
        let entry = try file.entry(named: "x")
        figures[name] = try await best { _ = try file.read(entry) }
        #expect(try file.read(entry).values == values)
      }
      let shape = "[\(side),\(side)]"
      let header = "{\(MalformedFormatTests.row("x", "F32", shape, "[0,\(4 * values.count)]"))}"
      let plain = values.withUnsafeBytes { Array($0) }
      try Fixtures.write(MalformedFormatTests.tensors(header) + plain, to: folder + "x.safetensors")
      let fortran = "{'descr': '<f4', 'fortran_order': True, 'shape': (\(side), \(side)), }"
      try Fixtures.write(MalformedFormatTests.array(fortran) + plain, to: folder + "fortran.npy")
      let ordered = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(side), \(side)), }"
      try Fixtures.write(MalformedFormatTests.array(ordered) + plain, to: folder + "plain.npy")
      for name in ["x.safetensors", "plain.npy", "fortran.npy"] {
        let file = try await WeightFile.open(folder + name)
        let entry = try #require(file.catalog.tensors.first)
        figures[name] = try await best { _ = try file.read(entry) }
      }
      figures["catalogue"] = try await best { _ = try await WeightFile.open(folder + "many.h5") }
      let peer: [String: [Double]]? =
        Peer.python == nil
        ? nil
        : try JSONDecoder().decode(
          [String: [Double]].self, from: Data(Peer.run("speed.py", [folder]).utf8))
      for (name, seconds) in figures.sorted(by: { $0.key < $1.key }) {
        for (kind, index) in [("wall", 0), ("processor", 1)] {
          let other = peer?[name].map {
            " h5py \($0[index] * 1000) ms, ratio \($0[index] / seconds[index])"
          }
          print("\(name) \(kind): \(seconds[index] * 1000) ms\(other ?? "")")
        }
      }
    }
  }
}
