#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| einthoven_fuzz::windows(bytes));
