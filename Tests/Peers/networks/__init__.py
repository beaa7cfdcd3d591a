"""Random small networks in the real libraries, for the property test `random_networks.py`."""
