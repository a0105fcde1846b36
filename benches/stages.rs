//! Speed of each stage.
fn main() {
    divan::main();
}
