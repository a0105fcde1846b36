//! Signal processing on slices; knows nothing of ECGs.

mod filter;
pub mod network;
mod resample;
pub mod scaled;
mod spectrum;
mod stats;

pub use filter::{Biquad, block_means, block_sums, convolve, subtract_trends};
pub use resample::Resampler;
pub use spectrum::{Spectrum, power};
pub use stats::{correlation, has_nan, median, products, products_by_shift, quantile, quantiles, range, rms, spread};
