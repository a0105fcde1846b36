//! A small feed-forward network: inference by plain loops, and its seeded training.
//!
//! Only additions, multiplications, divisions and comparisons in a fixed order: the same bits on every machine.

use std::fmt::Write;

/// One hidden layer of softsign units (x / (1 + |x|)), linear outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    inputs: usize,
    hidden: usize,
    outputs: usize,
    /// Rows of the hidden layer (inputs, then bias), then rows of the outputs (hidden, then bias).
    weights: Vec<f32>,
}

/// An example to learn from: inputs, the wanted class and its weight.
pub type Example<'a> = (&'a [f32], usize, f32);

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// Hidden units.
    pub hidden: usize,
    /// Times all examples are seen.
    pub epochs: usize,
    /// Examples a step.
    pub batch: usize,
    /// First step size of Adam; falls linearly to a twentieth.
    pub rate: f32,
    /// Penalty on squared weights.
    pub decay: f32,
    /// Seed of first weights and order.
    pub seed: u64,
}

/// A sequence of pseudo-random numbers (splitmix64, Steele, Lea & Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0 … 1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// About normal, mean 0, variance 1 (sum of twelve uniforms).
    pub fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }
}

impl Network {
    /// Reads what [`Self::to_text`] wrote; `None` when it is not that.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut numbers = text.lines().filter(|l| !l.starts_with('#')).flat_map(str::split_whitespace);
        let mut size = || numbers.next()?.parse::<usize>().ok().filter(|&n| n > 0 && n < 10_000);
        let (inputs, hidden, outputs) = (size()?, size()?, size()?);
        let weights: Vec<f32> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
        let network = Self { inputs, hidden, outputs, weights };
        (network.weights.len() == network.count()).then_some(network)
    }

    /// Sizes, then one row of weights a unit; lines with `#` are comments.
    pub fn to_text(&self) -> String {
        let mut text = format!("{} {} {}\n", self.inputs, self.hidden, self.outputs);
        let (first, second) = self.weights.split_at(self.hidden * (self.inputs + 1));
        for row in first.chunks(self.inputs + 1).chain(second.chunks(self.hidden + 1)) {
            let row: Vec<String> = row.iter().map(|w| format!("{w:.5}")).collect();
            let _ = writeln!(text, "{}", row.join(" "));
        }
        text
    }

    /// Numbers that it takes.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Networks of the same inputs and outputs as one, whose outputs are the mean of theirs; `None` of none.
    pub fn mean_of(networks: &[Self]) -> Option<Self> {
        let first = networks.first()?;
        let part = 1.0 / networks.len() as f32;
        let hidden = networks.iter().map(|n| n.hidden).sum();
        let split = |n: &Self| n.hidden * (n.inputs + 1);
        let mut weights: Vec<f32> = networks.iter().flat_map(|n| n.weights[..split(n)].iter().copied()).collect();
        for o in 0..first.outputs {
            let row = |n: &Self| split(n) + o * (n.hidden + 1);
            for n in networks {
                weights.extend(n.weights[row(n)..row(n) + n.hidden].iter().map(|w| w * part));
            }
            weights.push(networks.iter().map(|n| n.weights[row(n) + n.hidden] * part).sum());
        }
        Some(Self { inputs: first.inputs, hidden, outputs: first.outputs, weights })
    }

    fn count(&self) -> usize {
        self.hidden * (self.inputs + 1) + self.outputs * (self.hidden + 1)
    }

    /// Outputs (log-odds up to a common constant) for one input.
    pub fn run(&self, input: &[f32], hidden: &mut Vec<f32>, output: &mut Vec<f32>) {
        let (first, second) = self.weights.split_at(self.hidden * (self.inputs + 1));
        hidden.clear();
        hidden.extend(first.chunks_exact(self.inputs + 1).map(|row| softsign(dot(row, input))));
        output.clear();
        output.extend(second.chunks_exact(self.hidden + 1).map(|row| dot(row, hidden)));
    }

    /// Learns to tell classes `0 … outputs−1` apart by cross-entropy with Adam (Kingma & Ba 2015).
    pub fn train(examples: &[Example], outputs: usize, how: &Training) -> Self {
        let inputs = examples.first().map_or(1, |e| e.0.len());
        let mut random = Random(how.seed);
        let mut net = Self { inputs, hidden: how.hidden, outputs, weights: Vec::new() };
        let scale = 1.0 / (inputs as f32).sqrt();
        net.weights = (0..net.count()).map(|_| random.normal() * scale).collect();
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let (mut m, mut v) = (vec![0.0_f32; net.count()], vec![0.0_f32; net.count()]);
        let steps = (how.epochs * examples.len()).div_ceil(how.batch.max(1)).max(1);
        let mut step = 0;
        let (mut b1, mut b2) = (1.0_f32, 1.0_f32);
        let mut gradient = vec![0.0_f32; net.count()];
        for _ in 0..how.epochs {
            for i in (1..order.len()).rev() {
                order.swap(i, (random.bits() % (i as u64 + 1)) as usize);
            }
            for batch in order.chunks(how.batch.max(1)) {
                gradient.fill(0.0);
                let mut total = 0.0;
                for &k in batch {
                    net.backward(examples[k], &mut gradient);
                    total += examples[k].2;
                }
                let rate = how.rate * (1.0 - 0.95 * step as f32 / steps as f32);
                step += 1;
                b1 *= 0.9;
                b2 *= 0.999;
                for (((w, g), m), v) in net.weights.iter_mut().zip(&gradient).zip(&mut m).zip(&mut v) {
                    let g = g / total.max(1e-6) + how.decay * *w;
                    *m = 0.9 * *m + 0.1 * g;
                    *v = 0.999 * *v + 0.001 * g * g;
                    *w -= rate * (*m / (1.0 - b1)) / ((*v / (1.0 - b2)).sqrt() + 1e-8);
                }
            }
        }
        net
    }

    fn backward(&self, (input, class, weight): Example, gradient: &mut [f32]) {
        let split = self.hidden * (self.inputs + 1);
        let (first, second) = self.weights.split_at(split);
        let sums: Vec<f32> = first.chunks_exact(self.inputs + 1).map(|row| dot(row, input)).collect();
        let hidden: Vec<f32> = sums.iter().map(|&s| softsign(s)).collect();
        let out: Vec<f32> = second.chunks_exact(self.hidden + 1).map(|row| dot(row, &hidden)).collect();
        let top = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = out.iter().map(|o| (o - top).exp()).collect();
        let total: f32 = powers.iter().sum();
        let mut back = vec![0.0_f32; self.hidden];
        let (g1, g2) = gradient.split_at_mut(split);
        for (o, (row, g)) in second.chunks_exact(self.hidden + 1).zip(g2.chunks_exact_mut(self.hidden + 1)).enumerate()
        {
            let error = weight * (powers[o] / total - if o == class { 1.0 } else { 0.0 });
            for h in 0..self.hidden {
                g[h] += error * hidden[h];
                back[h] += error * row[h];
            }
            g[self.hidden] += error;
        }
        for (h, g) in g1.chunks_exact_mut(self.inputs + 1).enumerate() {
            let slope = 1.0 / (1.0 + sums[h].abs()).powi(2);
            let error = back[h] * slope;
            for (g, &x) in g.iter_mut().zip(input) {
                *g += error * x;
            }
            g[self.inputs] += error;
        }
    }
}

/// Weighted sum with the last weight as bias.
fn dot(row: &[f32], x: &[f32]) -> f32 {
    row.iter().zip(x).map(|(w, v)| w * v).sum::<f32>() + row.last().copied().unwrap_or(0.0)
}

fn softsign(x: f32) -> f32 {
    x / (1.0 + x.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_learns_exclusive_or_and_survives_text() {
        let inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
        let examples: Vec<Example> = inputs.iter().zip([0, 1, 1, 0]).map(|(x, c)| (&x[..], c, 1.0)).collect();
        let how = Training { hidden: 8, epochs: 600, batch: 4, rate: 0.03, decay: 0.0, seed: 1 };
        let net = Network::train(&examples, 2, &how);
        assert_eq!(net, Network::train(&examples, 2, &how));
        let read = Network::from_text(&net.to_text()).unwrap();
        let (mut hidden, mut out) = (Vec::new(), Vec::new());
        for &(x, class, _) in &examples {
            read.run(x, &mut hidden, &mut out);
            assert_eq!(usize::from(out[1] > out[0]), class, "{x:?}");
        }
        assert_eq!(Network::from_text("2 2 1\n0.5"), None);
        let other = Network::train(&examples, 2, &Training { seed: 2, hidden: 5, ..how });
        let both = Network::mean_of(&[net.clone(), other.clone()]).unwrap();
        let mut outputs = |n: &Network| {
            n.run(&inputs[1], &mut hidden, &mut out);
            out.clone()
        };
        let (a, b, mean) = (outputs(&net), outputs(&other), outputs(&both));
        for ((a, b), m) in a.iter().zip(&b).zip(&mean) {
            assert!((0.5 * (a + b) - m).abs() < 1e-4);
        }
    }
}
