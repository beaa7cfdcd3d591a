/// An image as planes, whatever the layout that it came in.
struct Raster: Sendable, Hashable {
  /// One plane a channel, all of one size.
  var planes: [Plane]

  /// The number of rows and of columns.
  var rows: Int { planes[0].rows }
  var columns: Int { planes[0].columns }
  /// Whether the channels are red, green and blue.
  var isColoured: Bool { planes.count == 3 }

  /// Reads an image's elements.
  init(_ pixels: ArraySlice<Float>, _ layout: ImageLayout) {
    let size = layout.rows * layout.columns
    planes = (0..<layout.channels).map { channel in
      let values: [Float] =
        layout.isPlanar
        ? Array(pixels.dropFirst(channel * size).prefix(size))
        : (0..<size).map { pixels[pixels.startIndex + $0 * layout.channels + channel] }
      return Plane(rows: layout.rows, columns: layout.columns, values: values)
    }
  }

  /// Appends the elements in the order of a layout, cut to 0…1 and rounded to 8 bits.
  func append(to pixels: inout [Float], _ layout: ImageLayout) {
    func stored(_ value: Float) -> Float { Plane.byte(value) / 255 }
    if layout.isPlanar {
      for plane in planes { pixels.append(contentsOf: plane.values.lazy.map(stored)) }
      return
    }
    for place in 0..<rows * columns {
      for plane in planes { pixels.append(stored(plane.values[place])) }
    }
  }

  /// The largest element.
  var maximum: Float { planes.reduce(0) { max($0, $1.values.max() ?? 0) } }

  /// The brightness as ITU-R BT.601 weighs the colours; the first plane where there are no colours.
  var luma: Plane {
    guard isColoured else { return planes[0] }
    var result = planes[0]
    for place in result.values.indices {
      result.values[place] =
        0.299 * planes[0].values[place] + 0.587 * planes[1].values[place]
        + 0.114 * planes[2].values[place]
    }
    return result
  }
}
