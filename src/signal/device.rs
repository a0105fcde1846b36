//! What the device that recorded the ECG measured and said by itself.

use super::{Hz, LeadName};
use ndarray::Array2;
use serde::Serialize;

/// The device's own interpretation, as far as the file holds one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceFindings {
    /// Its measurements, in the file's order.
    pub measurements: Vec<DeviceMeasurement>,
    /// Its statements, in its words and order.
    pub statements: Vec<String>,
    /// Its median or representative beat.
    pub median: Option<DeviceMedian>,
}

/// One measurement of the device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceMeasurement {
    /// The JSON name of our measurement where it is the same quantity (`qrs_duration_ms`), else the file's own name.
    pub name: String,
    /// The lead it is of; `None` = global.
    pub lead: Option<LeadName>,
    /// Value in `unit`.
    pub value: f64,
    /// Unit as printed (`ms`, `mV`, `bpm`, `°`); empty when the file gives none.
    pub unit: String,
}

/// The device's median (representative) beat.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceMedian {
    /// Sampling rate.
    pub rate: Hz,
    /// One name a row of `samples`.
    pub leads: Vec<LeadName>,
    /// Shape leads × samples, mV.
    pub samples: Array2<f32>,
}
