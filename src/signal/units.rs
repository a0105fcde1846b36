//! Numbers with their unit in the type. Time becomes samples here and nowhere else.

use serde::Serialize;

macro_rules! unit {
    ($name:ident, $symbol:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub f64);

        impl $name {
            /// The unit as printed after a number.
            pub const SYMBOL: &'static str = $symbol;
        }
    };
}

unit!(Ms, "ms", "Milliseconds.");
unit!(Mv, "mV", "Millivolts.");
unit!(Bpm, "bpm", "Beats a minute.");
unit!(Hz, "Hz", "Hertz; of a sampling rate, samples a second.");
unit!(Deg, "°", "Degrees in the frontal plane: 0° = lead I, +90° = aVF; range −180 < a ≤ 180.");

impl Hz {
    /// Number of samples, rounded, that `time` takes at this sampling rate.
    pub fn samples(self, time: Ms) -> usize {
        (time.0 * self.0 / 1000.0).round().max(0.0) as usize
    }

    /// Duration of `samples` samples at this rate.
    pub fn ms(self, samples: f64) -> Ms {
        Ms(samples * 1000.0 / self.0)
    }
}
