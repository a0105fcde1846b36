//! A small perceptron in plain loops: the same bits on every machine. Its weights are learned by
//! `einthoven train waves` and shipped as bytes.

/// Hidden units of every network: four vectors of four, which stay in registers.
pub const HIDDEN: usize = 16;

/// Inputs → rectified hidden layer → one output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Net {
    /// Weights of each input to the hidden units.
    pub first: Vec<[f32; HIDDEN]>,
    /// One a hidden unit.
    pub bias: [f32; HIDDEN],
    /// Weights of the output.
    pub last: [f32; HIDDEN],
    /// Its bias.
    pub level: f32,
}

impl Net {
    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.first.len()
    }

    /// The output for `x`, of as many values as there are inputs.
    pub fn run(&self, x: &[f32]) -> f32 {
        self.run_each([x])[0]
    }

    /// [`Self::run`] of several inputs side by side: two take hardly longer than one, whose sums wait for themselves.
    pub fn run_each<const N: usize>(&self, x: [&[f32]; N]) -> [f32; N] {
        let count = x.iter().map(|x| x.len()).fold(self.first.len(), usize::min);
        let x = x.map(|x| &x[..count]);
        let mut units = [self.bias; N];
        for (i, row) in self.first[..count].iter().enumerate() {
            for (units, x) in units.iter_mut().zip(&x) {
                for (u, w) in units.iter_mut().zip(row) {
                    *u += x[i] * w;
                }
            }
        }
        units.map(|units| self.level + units.iter().zip(&self.last).map(|(u, w)| u.max(0.0) * w).sum::<f32>())
    }

    /// All weights in order: first layer, its bias, output, its bias.
    pub fn weights(&self) -> impl Iterator<Item = f32> + '_ {
        self.first.iter().flatten().chain(&self.bias).chain(&self.last).chain([&self.level]).copied()
    }

    /// From [`Self::weights`] of a net of `inputs`; `None` when there are too few.
    pub fn of(inputs: usize, weights: &mut impl Iterator<Item = f32>) -> Option<Self> {
        let mut row = || {
            let mut row = [0.0; HIDDEN];
            for w in &mut row {
                *w = weights.next()?;
            }
            Some(row)
        };
        let first = (0..inputs).map(|_| row()).collect::<Option<_>>()?;
        let (bias, last) = (row()?, row()?);
        Some(Self { first, bias, last, level: weights.next()? })
    }

    /// Appends the net as little-endian bytes: number of inputs (u32), then the weights (f32).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.inputs() as u32).to_le_bytes());
        for w in self.weights() {
            out.extend_from_slice(&w.to_le_bytes());
        }
    }

    /// Reads what [`Self::write`] wrote and moves `bytes` past it; `None` when they are cut short or not of so many `inputs`.
    pub fn read(bytes: &mut &[u8], inputs: usize) -> Option<Self> {
        let mut words = std::iter::from_fn(|| {
            let (head, rest) = bytes.split_first_chunk::<4>()?;
            *bytes = rest;
            Some(u32::from_le_bytes(*head))
        });
        if words.next()? as usize != inputs {
            return None;
        }
        Self::of(inputs, &mut words.map(f32::from_bits))
    }
}
