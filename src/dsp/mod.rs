//! Signal processing on slices; knows nothing of ECGs.

mod filter;
pub mod network;
mod resample;
pub mod scaled;
mod spectrum;
mod stats;

pub use filter::{Biquad, block_means, convolve, subtract_trend};
pub use resample::Resampler;
pub use spectrum::power;
pub use stats::{correlation, has_nan, median, products, products_by_shift, quantile, quantiles, range, rms};
