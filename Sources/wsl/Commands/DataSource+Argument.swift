public import ArgumentParser
public import Datasets

extension DataSource.Split: ExpressibleByArgument {}
