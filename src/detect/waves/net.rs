//! A small perceptron in plain loops: the same bits on every machine. Its weights are learned by
//! `einthoven train waves` and shipped as bytes.

/// Inputs → rectified hidden layer → one output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Net {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of hidden units.
    pub hidden: usize,
    /// Weights input by input, `hidden` each, so that the inner loop runs over the hidden units.
    pub first: Vec<f32>,
    /// One a hidden unit.
    pub bias: Vec<f32>,
    /// Weights of the output, one a hidden unit, and last its bias.
    pub last: Vec<f32>,
}

impl Net {
    /// The output for `x`, of `inputs` values; `units` is scratch of any length.
    pub fn run(&self, x: &[f32], units: &mut Vec<f32>) -> f32 {
        self.activate(x, units);
        let mut sum = self.last[self.hidden];
        for (w, u) in self.last.iter().zip(units.iter()) {
            sum += w * u;
        }
        sum
    }

    /// The rectified hidden units for `x`.
    pub fn activate(&self, x: &[f32], units: &mut Vec<f32>) {
        units.clear();
        units.extend_from_slice(&self.bias);
        for (v, row) in x.iter().zip(self.first.chunks_exact(self.hidden)) {
            for (u, w) in units.iter_mut().zip(row) {
                *u += v * w;
            }
        }
        for u in units.iter_mut() {
            *u = u.max(0.0);
        }
    }

    /// Appends the net as little-endian bytes: inputs, hidden (u32), then all weights (f32).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.inputs as u32).to_le_bytes());
        out.extend_from_slice(&(self.hidden as u32).to_le_bytes());
        for w in self.first.iter().chain(&self.bias).chain(&self.last) {
            out.extend_from_slice(&w.to_le_bytes());
        }
    }

    /// Reads what [`Self::write`] wrote and moves `bytes` past it; `None` when they are cut short.
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (inputs, hidden) = (word(bytes)? as usize, word(bytes)? as usize);
        let count = inputs.checked_mul(hidden)?.checked_add(2 * hidden + 1)?;
        if bytes.len() / 4 < count {
            return None;
        }
        let mut weights = |n: usize| -> Option<Vec<f32>> { (0..n).map(|_| word(bytes).map(f32::from_bits)).collect() };
        let first = weights(inputs * hidden)?;
        let bias = weights(hidden)?;
        let last = weights(hidden + 1)?;
        Some(Self { inputs, hidden, first, bias, last })
    }
}

fn word(bytes: &mut &[u8]) -> Option<u32> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*head))
}
