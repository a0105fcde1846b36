//! Synthetic ECGs with known truth.
