#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| einthoven_fuzz::decode("philips", bytes));
