//! Signal processing on slices; knows nothing of ECGs.
