//! Seeded chance, the same on every machine: `SplitMix64` (Steele, Lea, Flood 2014, "Fast splittable pseudorandom
//! number generators", DOI 10.1145/2714064.2660195). Normal variates are sums of twelve uniforms, so that no
//! `libm` (whose last bit differs between systems) is called. Not for cryptography.

/// A stream of chance.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream called `purpose` of `seed`: streams do not disturb each other, so that adding noise to a script
    /// leaves its rhythm as it was.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut stream = Self(seed ^ 0x6a09_e667_f3bc_c909);
        for byte in purpose.bytes() {
            stream.0 = stream.bits() ^ u64::from(byte);
        }
        stream
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in 0 ≤ x < 1.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in `from` ≤ x < `to`.
    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.uniform()
    }

    /// Mean 0, standard deviation 1, within ±6 (Irwin–Hall).
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// An index below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n.saturating_sub(1))
    }
}
