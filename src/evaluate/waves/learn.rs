//! Trains one small network: Adam (Kingma & Ba 2015) on the Huber loss, seeded, in one thread, so that the same data give the same
//! weights.

use crate::detect::waves::{HIDDEN, Net};

/// `SplitMix64` (Steele et al. 2014).
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    /// 64 random bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in 0 … 1.
    pub fn uniform(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// About normal, of mean 0 and variance 1: the sum of twelve uniform values.
    pub fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.uniform()).sum::<f32>() - 6.0
    }
}

/// How a network is trained.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// Passes over the examples.
    pub epochs: usize,
    /// Examples a step.
    pub batch: usize,
    /// First learning rate; it falls to nought along a half cosine.
    pub rate: f32,
    /// Weight decay a step, as part of the learning rate.
    pub decay: f32,
    /// Errors beyond this count linearly.
    pub huber: f32,
    /// Seed.
    pub seed: u64,
}

struct Adam {
    m: Vec<f32>,
    v: Vec<f32>,
    t: i32,
}

impl Adam {
    fn step(&mut self, weights: &mut [f32], gradient: &[f32], rate: f32, decay: f32) {
        self.t += 1;
        let (c1, c2) = (1.0 - 0.9_f32.powi(self.t), 1.0 - 0.999_f32.powi(self.t));
        let moments = self.m.iter_mut().zip(&mut self.v);
        for ((w, g), (m, v)) in weights.iter_mut().zip(gradient).zip(moments) {
            *m = 0.9 * *m + 0.1 * g;
            *v = 0.999 * *v + 0.001 * g * g;
            *w -= rate * ((*m / c1) / ((*v / c2).sqrt() + 1e-7) + decay * *w);
        }
    }
}

/// Trains on `count` examples; `example` fills in the inputs of the `i`-th, changed a little at random, and returns its target.
pub fn train(
    training: Training,
    inputs: usize,
    count: usize,
    mut example: impl FnMut(usize, &mut Rng, &mut Vec<f32>) -> f32,
) -> Net {
    let mut rng = Rng(training.seed);
    let hidden = HIDDEN;
    let mut w = vec![0.0_f32; inputs * hidden + 2 * hidden + 1];
    let (scale, out_scale) = ((2.0 / inputs as f32).sqrt(), (1.0 / hidden as f32).sqrt());
    for v in &mut w[..inputs * hidden] {
        *v = scale * rng.normal();
    }
    for v in &mut w[inputs * hidden + hidden..inputs * hidden + 2 * hidden] {
        *v = out_scale * rng.normal();
    }
    let mut adam = Adam { m: vec![0.0; w.len()], v: vec![0.0; w.len()], t: 0 };
    let mut gradient = vec![0.0_f32; w.len()];
    let mut order: Vec<usize> = (0..count).collect();
    let (mut x, mut u) = (Vec::new(), vec![0.0_f32; hidden]);
    let steps = (training.epochs * count.div_ceil(training.batch)).max(1);
    let mut done = 0;
    for _ in 0..training.epochs {
        for i in (1..count).rev() {
            order.swap(i, (rng.next() % (i as u64 + 1)) as usize);
        }
        for batch in order.chunks(training.batch) {
            gradient.fill(0.0);
            for &i in batch {
                let target = example(i, &mut rng, &mut x);
                back(&w, &x, hidden, target, training.huber, &mut u, &mut gradient);
            }
            let part = 1.0 / batch.len() as f32;
            for g in &mut gradient {
                *g *= part;
            }
            let rate = training.rate * 0.5 * (1.0 + (std::f32::consts::PI * done as f32 / steps as f32).cos());
            adam.step(&mut w, &gradient, rate, training.decay);
            done += 1;
        }
    }
    Net::of(inputs, &mut w.into_iter()).unwrap_or_default()
}

/// Adds one example's gradient.
fn back(w: &[f32], x: &[f32], hidden: usize, target: f32, huber: f32, u: &mut [f32], gradient: &mut [f32]) {
    let (first, rest) = w.split_at(x.len() * hidden);
    let (bias, last) = rest.split_at(hidden);
    u.copy_from_slice(bias);
    for (v, row) in x.iter().zip(first.chunks_exact(hidden)) {
        for (u, w) in u.iter_mut().zip(row) {
            *u += v * w;
        }
    }
    let mut y = last[hidden];
    for (u, w) in u.iter_mut().zip(last) {
        *u = u.max(0.0);
        y += *u * w;
    }
    let error = (y - target).clamp(-huber, huber);
    let (g_first, g_rest) = gradient.split_at_mut(x.len() * hidden);
    let (g_bias, g_last) = g_rest.split_at_mut(hidden);
    g_last[hidden] += error;
    for ((gl, gb), (u, w)) in g_last.iter_mut().zip(g_bias.iter_mut()).zip(u.iter_mut().zip(last)) {
        *gl += error * *u;
        *u = if *u > 0.0 { error * w } else { 0.0 };
        *gb += *u;
    }
    for (v, row) in x.iter().zip(g_first.chunks_exact_mut(hidden)) {
        for (g, u) in row.iter_mut().zip(u.iter()) {
            *g += v * u;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_a_product_and_repeats_itself() {
        let training = Training { epochs: 200, batch: 32, rate: 0.01, decay: 0.0, huber: 1.0, seed: 7 };
        let points: Vec<[f32; 2]> =
            (0..200).map(|i| [(i % 20) as f32 / 10.0 - 1.0, (i / 20) as f32 / 5.0 - 1.0]).collect();
        let learn = || {
            train(training, 2, points.len(), |i, _, x| {
                x.clear();
                x.extend_from_slice(&points[i]);
                points[i][0] * points[i][1]
            })
        };
        let net = learn();
        assert_eq!(net, learn());
        for p in &points {
            assert!((net.run(p) - p[0] * p[1]).abs() < 0.15, "{p:?}");
        }
    }
}
