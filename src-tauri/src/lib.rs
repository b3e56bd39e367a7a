//! The desktop program: windows, tray, commands. No rule of the product lives here.

mod commands;
mod environment;
mod host;
mod logs;
mod news;
mod place;
mod renderer;
mod scratch;
mod summon;
mod tray;
mod window;
mod words;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use domain::clock::SystemClock;
use engine::{Deps, Engine};
use secrets::Strongbox;
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};

use crate::{environment::Environment, host::Desktop, renderer::Renderer, scratch::Scratch};

/// Runs the program until its last window is closed.
pub fn run() -> Result<()> {
    environment::forbid_core_dumps();
    // The one TLS provider; a second call in the same process would be refused, which is no harm.
    drop(rustls::crypto::ring::default_provider().install_default());
    let environment = Environment::read();
    let _logs = logs::start(&environment);
    let renderer = Renderer::new(&environment);
    renderer.choose();
    let builder = tauri::Builder::default()
        // First, so that a second start does nothing else.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| window::focus_panel(app)))
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_global_shortcut::Builder::new().build())
        .plugin(window::remembered_place())
        .manage(renderer)
        .invoke_handler(commands::handler())
        .setup(move |app| Ok(set_up(app, &environment)?));
    #[cfg(target_os = "linux")]
    let builder = builder.manage(news::News::default());
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(tauri_plugin_notification::init());
    let app = builder.build(tauri::generate_context!()).context("the window system could not be started")?;
    app.run(|app, event| match event {
        RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } if label == window::PANEL => {
            app.exit(0)
        }
        RunEvent::Exit => {
            tauri::async_runtime::block_on(app.state::<Engine>().stop());
            app.state::<Scratch>().remove();
            // A program that only starts again is the first one then.
            tauri_plugin_single_instance::destroy(app);
            app.state::<Renderer>().end();
        }
        _ => {}
    });
    Ok(())
}

fn set_up(app: &tauri::App, environment: &Environment) -> Result<()> {
    let app = app.handle();
    app.manage(match window::is_driven() {
        true => Scratch::none(),
        false => Scratch::make().context("no temporary folder could be made")?,
    });
    let preferences = place::Preferences::load(environment);
    // Certificates, configuration, keyring and store are read while the window system makes the window. Its page asks for
    // nothing before this function has returned.
    let engine = std::thread::scope(|scope| {
        let engine = scope.spawn(|| start_engine(app, environment));
        preferences.apply(&window::open_panel(app)?)?;
        engine.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    app.manage(engine);
    app.manage(tray::Lines::build(app, words::of(preferences.get().language))?);
    app.manage(preferences);
    renderer::watch(app);
    Ok(())
}

fn start_engine(app: &AppHandle, environment: &Environment) -> Result<Engine> {
    let http = environment.http_settings();
    let engine = Engine::new(Deps {
        host: Arc::new(Desktop::new(app.clone())),
        clock: Arc::new(SystemClock),
        secrets: Arc::new(Strongbox::new(
            Arc::new(environment.keyring()),
            environment.folder.join("secrets"),
        )),
        home: environment.home.clone(),
        http: connectors::http::client(&http).context("the HTTP client could not be made")?,
        http1: connectors::http::client_http1(&http).context("the HTTP client could not be made")?,
        proxy: http.proxy,
        place: environment::place(),
        session: environment.session.clone(),
    });
    tauri::async_runtime::spawn({
        let engine = engine.clone();
        async move { engine.start().await }
    });
    Ok(engine)
}
