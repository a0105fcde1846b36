//! All networks together, as bytes in the package: `einthoven train waves` makes them.

use super::net::Net;
use super::refine::{BOUNDS, STEPS, inputs};
use super::{locate, presence};
use std::sync::OnceLock;

/// The networks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// Where the middles of P and T are.
    pub locators: Vec<Net>,
    /// Whether there is a P wave.
    pub presence: Vec<Net>,
    /// The cascade, step by step, bound by bound.
    pub nets: Vec<Vec<Net>>,
}

impl Model {
    /// As bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for net in self.locators.iter().chain(&self.presence).chain(self.nets.iter().flatten()) {
            net.write(&mut out);
        }
        out
    }

    /// From bytes; `None` unless they hold every network with the inputs it must have, and nothing else.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut net = |inputs: usize| Net::read(&mut bytes, inputs);
        let locators: Vec<Net> = (0..locate::LOCATORS).map(|_| net(locate::INPUTS)).collect::<Option<_>>()?;
        let presence = (0..presence::VOTES).map(|_| net(presence::INPUTS)).collect::<Option<_>>()?;
        let mut nets = Vec::new();
        for _ in 0..STEPS {
            nets.push((0..BOUNDS).map(|bound| net(inputs(bound))).collect::<Option<Vec<Net>>>()?);
        }
        bytes.is_empty().then_some(Self { locators, presence, nets })
    }

    /// The one that is shipped.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Model> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::read(include_bytes!("model.bin")).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_model_is_whole() {
        let model = Model::shipped();
        assert_eq!(model.nets.len(), STEPS);
        assert_eq!(Model::read(&model.write()).as_ref(), Some(model));
        let bytes = model.write();
        assert!(Model::read(&bytes[..bytes.len() - 1]).is_none());
        assert!(bytes.len() < 2_000_000);
    }
}
