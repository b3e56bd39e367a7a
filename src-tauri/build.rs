//! Declares the program's own commands, so that each needs a permission of its own.

#[path = "crates/ipc/src/commands.rs"]
#[expect(dead_code, unreachable_pub, reason = "the same file is a public module of another crate")]
mod commands;

fn main() {
    let mut names: Vec<&'static str> =
        commands::PANEL.iter().chain(commands::SETTINGS).map(|c| c.name).collect();
    names.sort_unstable();
    names.dedup();
    let names: &'static [&'static str] = names.leak();
    let manifest = tauri_build::AppManifest::new().commands(names);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        eprintln!("{error:#}");
        std::process::exit(1);
    }
}
