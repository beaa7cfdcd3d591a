public import ArgumentParser
public import Networks

extension DataSource.Split: ExpressibleByArgument {}
