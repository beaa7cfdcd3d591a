/// Sums and counts of one pass.
struct FirstSums {
  var sum = 0.0
  var absolute = 0.0
  var squares = 0.0
  var notANumber = 0
  var infinite = 0
  var zeros = 0
  var lowBits: UInt32 = 0

  // Four chains, so that the processor need not wait for one sum; always the same four, also where the
  // values come in pieces.
  private var sums = SIMD4<Double>.zero
  private var absolutes = SIMD4<Double>.zero
  private var products = SIMD4<Double>.zero
  /// The values at the end that fill no four.
  private var tail: [Float] = []

  /// Adds values. All pieces but the last hold a multiple of four of them; `finish` comes after it.
  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    var (sums, absolutes, products) = (self.sums, self.absolutes, self.products)
    var bits = SIMD4<UInt32>.zero
    var zeroLanes = SIMD4<Int32>.zero
    var oddLanes = SIMD4<Int32>.zero
    let whole = values.count & ~3
    let odd = infinite
    infinite = 0
    var index = 0
    while index < whole {
      let four = SIMD4(values[index], values[index + 1], values[index + 2], values[index + 3])
      let pattern = unsafeBitCast(four, to: SIMD4<UInt32>.self)
      bits |= pattern
      let isOdd = (pattern & 0x7F80_0000) .== 0x7F80_0000
      zeroLanes &-= SIMD4<Int32>.zero.replacing(with: -1, where: (pattern & 0x7FFF_FFFF) .== 0)
      oddLanes &-= SIMD4<Int32>.zero.replacing(with: -1, where: isOdd)
      let wide = SIMD4<Double>(four.replacing(with: 0, where: isOdd))
      sums += wide
      absolutes += SIMD4<Double>(abs4(wide))
      products += wide * wide
      index += 4
      if index & 0x3FFF_FFFF == 0 { collect(&zeroLanes, &oddLanes) }
    }
    collect(&zeroLanes, &oddLanes)
    (self.sums, self.absolutes, self.products) = (sums, absolutes, products)
    let oddHere = infinite
    infinite = odd
    tail = Array(values[whole...])
    guard oddHere == 0 else { return addOdd(values[..<whole]) }
    lowBits |= (bits[0] | bits[1] | bits[2] | bits[3]) & 0xFFFF
  }

  /// Counts values of which some are not finite.
  private mutating func addOdd(_ values: Slice<UnsafeBufferPointer<Float>>) {
    for value in values {
      if value.isNaN {
        notANumber += 1
      } else if value.isInfinite {
        infinite += 1
      } else {
        // The payload of a NaN says nothing of precision.
        lowBits |= value.bitPattern & 0xFFFF
      }
    }
  }

  /// Adds up the chains.
  mutating func finish() {
    sum += (sums[0] + sums[1]) + (sums[2] + sums[3])
    absolute += (absolutes[0] + absolutes[1]) + (absolutes[2] + absolutes[3])
    squares += (products[0] + products[1]) + (products[2] + products[3])
    for value in tail {
      if value.isNaN {
        notANumber += 1
      } else if value.isInfinite {
        infinite += 1
      } else {
        lowBits |= value.bitPattern & 0xFFFF
        zeros += value == 0 ? 1 : 0
        sum += Double(value)
        absolute += Double(value.magnitude)
        squares += Double(value) * Double(value)
      }
    }
  }

  private mutating func collect(_ zeroLanes: inout SIMD4<Int32>, _ oddLanes: inout SIMD4<Int32>) {
    for lane in 0..<4 {
      zeros += Int(zeroLanes[lane])
      infinite += Int(oddLanes[lane])
    }
    zeroLanes = .zero
    oddLanes = .zero
  }

  private func abs4(_ value: SIMD4<Double>) -> SIMD4<Double> {
    value.replacing(with: -value, where: value .< 0)
  }
}

/// Sums of powers of the distance to the mean.
struct CentralSums {
  var second = 0.0
  var fourth = 0.0

  private let mean: Double
  private var seconds = SIMD4<Double>.zero
  private var fourths = SIMD4<Double>.zero
  private var tail: [Float] = []

  /// Nothing added yet.
  init(around mean: Double) { self.mean = mean }

  /// Adds values, in pieces as `FirstSums` takes them.
  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    var (seconds, fourths) = (self.seconds, self.fourths)
    let mean = mean
    let whole = values.count & ~3
    var index = 0
    while index < whole {
      let four = SIMD4(values[index], values[index + 1], values[index + 2], values[index + 3])
      let isOdd = (unsafeBitCast(four, to: SIMD4<UInt32>.self) & 0x7F80_0000) .== 0x7F80_0000
      let weight = SIMD4<Double>(SIMD4<Float>(repeating: 1).replacing(with: 0, where: isOdd))
      let distance = (SIMD4<Double>(four.replacing(with: 0, where: isOdd)) - mean) * weight
      let square = distance * distance
      seconds += square
      fourths += square * square
      index += 4
    }
    (self.seconds, self.fourths) = (seconds, fourths)
    tail = Array(values[whole...])
  }

  /// Adds up the chains.
  mutating func finish() {
    second = (seconds[0] + seconds[1]) + (seconds[2] + seconds[3])
    fourth = (fourths[0] + fourths[1]) + (fourths[2] + fourths[3])
    for value in tail where value.isFinite {
      let distance = Double(value) - mean
      second += distance * distance
      fourth += distance * distance * distance * distance
    }
  }
}
