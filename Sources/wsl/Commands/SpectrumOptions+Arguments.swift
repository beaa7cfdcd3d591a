public import ArgumentParser
public import LinearAlgebra
public import Spectra

extension SpectralPlan.Convolutions: ExpressibleByArgument {}
extension SingularValues.Precision: ExpressibleByArgument {}
