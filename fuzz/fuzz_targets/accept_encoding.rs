#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| loggia_http::fuzzing::accept_encoding(data));
