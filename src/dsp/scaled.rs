//! A network with the scale of its inputs, as text that a person can look at.

use super::network::{Example, Network, Training};
use std::fmt::Write;

/// What is further from the mean than so many standard deviations counts as that.
const FARTHEST: f32 = 4.0;

/// A network that sees its inputs in standard deviations from their means.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    mean: Vec<f32>,
    /// One over the standard deviation.
    scale: Vec<f32>,
    network: Network,
}

impl Scaled {
    /// Learns to tell classes `0 … outputs−1` apart: the mean of `together` networks whose seeds follow one another.
    /// `None` without examples.
    pub fn train(examples: &[Example], outputs: usize, how: &Training, together: u64) -> Option<Self> {
        let inputs = examples.first()?.0.len();
        let n = examples.len() as f64;
        let column = |k: usize| examples.iter().map(move |e| f64::from(e.0[k]));
        let mean: Vec<f32> = (0..inputs).map(|k| (column(k).sum::<f64>() / n) as f32).collect();
        let scale: Vec<f32> = mean
            .iter()
            .enumerate()
            .map(|(k, &m)| {
                let variance = column(k).map(|v| (v - f64::from(m)).powi(2)).sum::<f64>() / n;
                (1.0 / (variance.sqrt() + 1e-3)) as f32
            })
            .collect();
        let inputs: Vec<Vec<f32>> = examples.iter().map(|e| scaled(&mean, &scale, e.0)).collect();
        let examples: Vec<Example> = inputs.iter().zip(examples).map(|(x, e)| (&x[..], e.1, e.2)).collect();
        let networks: Vec<Network> = (0..together)
            .map(|k| Network::train(&examples, outputs, &Training { seed: how.seed + k, ..*how }))
            .collect();
        Some(Self { mean, scale, network: Network::mean_of(&networks)? })
    }

    /// Outputs (log-odds up to a common constant) for one input.
    pub fn run(&self, input: &[f32], hidden: &mut Vec<f32>, output: &mut Vec<f32>) {
        self.network.run(&scaled(&self.mean, &self.scale, input), hidden, output);
    }

    /// Numbers that it takes.
    pub fn inputs(&self) -> usize {
        self.mean.len()
    }

    /// Reads what [`Self::to_text`] wrote; `None` when it is not that.
    pub fn from_text(text: &str) -> Option<Self> {
        let (first, rest) = text.split_once('\n')?;
        let (second, rest) = rest.split_once('\n')?;
        let row = |line: &str| line.split_whitespace().map(str::parse).collect::<Result<Vec<f32>, _>>().ok();
        let (mean, scale, network) = (row(first)?, row(second)?, Network::from_text(rest)?);
        (mean.len() == scale.len() && mean.len() == network.inputs()).then_some(Self { mean, scale, network })
    }

    /// A row of means, a row of scales, the network.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for row in [&self.mean, &self.scale] {
            let row: Vec<String> = row.iter().map(|w| format!("{w:.5}")).collect();
            let _ = writeln!(text, "{}", row.join(" "));
        }
        text + &self.network.to_text()
    }
}

fn scaled(mean: &[f32], scale: &[f32], input: &[f32]) -> Vec<f32> {
    let each = input.iter().zip(mean).zip(scale);
    each.map(|((x, m), s)| ((x - m) * s).clamp(-FARTHEST, FARTHEST)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_of_any_size_are_learnt_from_and_text_keeps_it() {
        let inputs: Vec<[f32; 2]> = (0..40).map(|k| [1000.0 + k as f32, 0.001 * (k % 7) as f32]).collect();
        let examples: Vec<Example> =
            inputs.iter().enumerate().map(|(k, x)| (&x[..], usize::from(k >= 20), 1.0)).collect();
        let how = Training { hidden: 3, epochs: 200, batch: 8, rate: 0.03, decay: 0.0, seed: 1 };
        let model = Scaled::train(&examples, 2, &how, 2).unwrap();
        let read = Scaled::from_text(&model.to_text()).unwrap();
        let (mut hidden, mut out) = (Vec::new(), Vec::new());
        for (k, x) in inputs.iter().enumerate() {
            read.run(x, &mut hidden, &mut out);
            assert_eq!(out[1] > out[0], k >= 20, "{k}");
        }
        assert_eq!(Scaled::from_text("1 2\n3 4\n1 1 1 0 0 0 0"), None);
        assert_eq!(Scaled::train(&[], 2, &how, 1), None);
    }
}
