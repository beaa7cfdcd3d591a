// The module Spectra; see the folders beside this file.
