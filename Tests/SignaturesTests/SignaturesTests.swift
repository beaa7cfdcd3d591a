// The tests of Signatures.
