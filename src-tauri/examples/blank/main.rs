//! An empty Tauri window: what the program is measured beside (`cargo xtask bench`).
//!
//! It writes `painted T` when its page has been on the screen for the first time, and after each key that is pressed in
//! it. For a line on its input it emits an event that carries nothing but that line, writes `emitted T`, and `painted T`
//! once the page has heard the event and painted: the second animation frame after it. A line that names a colour also
//! gives the page that colour. `T` is in microseconds since 1970.
#![expect(clippy::print_stdout, reason = "what it writes is what it is for")]

use std::{
    io::BufRead,
    time::{SystemTime, UNIX_EPOCH},
};

use tauri::{Emitter as _, Manager as _, WebviewUrl, WebviewWindowBuilder};

/// The label whose window may call `painted`: see `capabilities/panel.json`.
const LABEL: &str = "panel";

fn main() -> anyhow::Result<()> {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![painted])
        .setup(|app| {
            let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default()).title("Blank");
            window.inner_size(380.0, 760.0).build()?;
            let app = app.handle().clone();
            std::thread::spawn(move || beat(&app));
            Ok(())
        })
        .run(tauri::generate_context!("examples/blank/tauri.conf.json"))?;
    Ok(())
}

#[tauri::command]
fn painted() {
    say("painted");
}

/// Emits an event for each line of the input, and ends with it.
fn beat(app: &tauri::AppHandle) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        say("emitted");
        if let Err(error) = app.emit("beat", line) {
            eprintln!("the event was not sent: {error}");
        }
    }
    for window in app.webview_windows().values() {
        drop(window.close());
    }
}

fn say(what: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    println!("{what} {}", now.as_micros());
}
