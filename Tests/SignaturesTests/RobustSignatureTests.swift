import Signatures
import Testing

@Test func signatureKeepsItsName() { #expect(RobustSignature(name: "fog").name == "fog") }
