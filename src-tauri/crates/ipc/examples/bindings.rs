//! Prints the TypeScript of the types that cross to the UI.

#[expect(clippy::print_stdout, reason = "its only purpose")]
fn main() {
    print!("{}", ipc::bindings::typescript());
}
