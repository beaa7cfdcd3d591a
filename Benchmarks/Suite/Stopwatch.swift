import Foundation

/// Time that passed, by the clock on the wall and by processors.
struct Stopwatch {
  /// The least time of several runs, in seconds.
  struct Best {
    /// By the clock on the wall.
    var wall = Double.infinity
    /// Of all processors, of this process and of the processes it started that have ended.
    var processor = Double.infinity

    /// The figures in milliseconds.
    var milliseconds: [String: Double] { ["wall": 1000 * wall, "processor": 1000 * processor] }
  }

  private let begin = ContinuousClock.now
  private let busy = Stopwatch.processorSeconds

  /// Runs a piece of work several times.
  static func best(of rounds: Int, _ work: () async throws -> Void) async rethrows -> Best {
    var best = Best()
    for _ in 0..<rounds {
      let watch = Stopwatch()
      try await work()
      watch.read(into: &best)
    }
    return best
  }

  /// Runs a piece of work several times.
  static func best(of rounds: Int, _ work: () throws -> Void) rethrows -> Best {
    var best = Best()
    for _ in 0..<rounds {
      let watch = Stopwatch()
      try work()
      watch.read(into: &best)
    }
    return best
  }

  private func read(into best: inout Best) {
    best.processor = min(best.processor, Stopwatch.processorSeconds - busy)
    best.wall = min(best.wall, (ContinuousClock.now - begin) / .seconds(1))
  }

  private static var processorSeconds: Double {
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

  /// The time of the calling thread alone, in seconds: steady on a machine that is shared.
  static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
