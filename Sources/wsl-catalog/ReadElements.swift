import CHDF5

/// Reads all elements of a data set through libhdf5, for filters that only it undoes, and writes
/// them to the standard output as they would be stored without filters.
func readElements(of name: String, in file: borrowing Identifier) throws {
  let dataset = try Identifier(H5Dopen2(file.raw, name, 0))
  let properties = try Identifier(H5Dget_create_plist(dataset.raw))
  guard H5Pget_layout(properties.raw) != H5D_VIRTUAL, H5Pget_external_count(properties.raw) == 0
  else { throw WorkerError(message: "its data are elsewhere, and never followed") }
  let type = try Identifier(H5Dget_type(dataset.raw))
  let space = try Identifier(H5Dget_space(dataset.raw))
  guard H5Tdetect_class(type.raw, H5T_VLEN) == 0, H5Tdetect_class(type.raw, H5T_REFERENCE) == 0,
    H5Tget_class(type.raw) != H5T_STRING
  else { throw WorkerError(message: "elements that are not plain numbers") }
  let count = Int(H5Sget_simple_extent_npoints(space.raw))
  let (byteCount, overflow) = count.multipliedReportingOverflow(by: H5Tget_size(type.raw))
  guard count >= 0, !overflow else { throw WorkerError(message: "its size overflows") }
  // A size beyond the address space limit ends the process here, which the caller reports.
  var bytes = [UInt8](repeating: 0, count: byteCount)
  if byteCount > 0 { try check(H5Dread(dataset.raw, type.raw, 0, 0, 0, &bytes)) }
  guard writeAll(1, bytes) else { throw WorkerError(message: "nobody takes the elements") }
}
