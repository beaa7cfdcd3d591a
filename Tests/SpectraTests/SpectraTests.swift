// The tests of Spectra.
