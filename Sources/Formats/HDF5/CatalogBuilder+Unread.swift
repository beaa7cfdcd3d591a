package import Catalogs
package import CatalogWire
import Support

extension CatalogBuilder {
  /// Notes a tensor of which the claims do not hold.
  package mutating func skip(_ name: String, _ reason: String, tensor: UnreadTensor) {
    links.list(.skipped(catalog.skipped.count))
    catalog.skipped.append(
      Catalog.Skipped(name: name, reason: reason, isDamage: true, tensor: tensor))
  }

  /// Notes a tensor that is not read, with its bytes where what is said of them holds.
  package mutating func add(_ unread: UnreadRecord) {
    var tensor = UnreadTensor(
      dtype: unread.type.isEmpty ? nil : unread.type,
      shape: unread.shape.flatMap { lengths in
        let shape = lengths.compactMap { Int(exactly: $0) }
        return shape.count == lengths.count ? shape : nil
      }, mayBeWeight: unread.mayBeWeight)
    var isDamage = unread.reason.hasPrefix(CatalogBuilder.damagePrefix)
    var reason = unread.reason
    do { tensor.content = try unread.bytes.map { try entry($0, isUnread: true) } } catch {
      isDamage = true
      reason += "; " + ((error as? Diagnostic)?.message ?? "its bytes cannot be described")
    }
    links.list(.skipped(catalog.skipped.count))
    catalog.skipped.append(
      Catalog.Skipped(name: unread.name, reason: reason, isDamage: isDamage, tensor: tensor))
  }
}

extension UnreadTensor {
  /// A data set of which the claims do not hold.
  init(_ dataset: DatasetRecord) {
    let shape = dataset.shape.compactMap { Int(exactly: $0) }
    self.init(shape: shape.count == dataset.shape.count ? shape : nil)
  }
}
