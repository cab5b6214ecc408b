"""The evaluation of trained networks: metrics, calibration and comparison."""
