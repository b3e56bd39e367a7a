//! Notifications of the desktop. Their words come from the window, which knows the language; they name nobody.

use ipc::panel::NewsRequest;
use tauri::AppHandle;

/// Shows a notification, in place of an earlier one. Where the desktop shows none, nothing happens.
pub(crate) fn show(app: &AppHandle, news: NewsRequest) {
    #[cfg(target_os = "linux")]
    linux::show(app, news);
    #[cfg(not(target_os = "linux"))]
    {
        use tauri_plugin_notification::NotificationExt as _;
        if let Err(error) = app.notification().builder().title(news.title).body(news.text).show() {
            tracing::warn!(%error, "a notification could not be shown");
        }
    }
}

/// <https://specifications.freedesktop.org/notification-spec/latest/protocol.html>
#[cfg(target_os = "linux")]
mod linux {
    use std::{
        collections::HashMap,
        sync::{
            Arc, Mutex, PoisonError,
            atomic::{AtomicU32, Ordering},
            mpsc,
        },
        thread,
    };

    use ipc::panel::NewsRequest;
    use tauri::{AppHandle, Manager as _};
    use zbus::{
        blocking::{Connection, Proxy},
        zvariant::Value,
    };

    use crate::window;

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    /// The action that a press on the notification itself stands for.
    const PRESS: &str = "default";
    /// The desktop decides how long it is shown.
    const AS_USUAL: i32 = -1;

    /// Leads to the thread that talks to the desktop.
    #[derive(Debug, Default)]
    pub(crate) struct News(Mutex<Option<mpsc::Sender<NewsRequest>>>);

    pub(super) fn show(app: &AppHandle, news: NewsRequest) {
        let state = app.state::<News>();
        let mut sender = state.0.lock().unwrap_or_else(PoisonError::into_inner);
        let unsent = match &*sender {
            Some(thread) => thread.send(news).err().map(|refused| refused.0),
            None => Some(news),
        };
        // The first one, or the bus was lost in between.
        if let Some(news) = unsent {
            let (new, wanted) = mpsc::channel();
            if new.send(news).is_ok() && start(app.clone(), wanted).is_ok() {
                *sender = Some(new);
            }
        }
    }

    fn start(app: AppHandle, wanted: mpsc::Receiver<NewsRequest>) -> std::io::Result<()> {
        let thread = thread::Builder::new().name("news".to_owned());
        let run = move || {
            if let Err(error) = talk(&app, &wanted) {
                tracing::warn!(%error, "a notification could not be shown");
            }
        };
        thread.spawn(run).map(drop)
    }

    fn talk(app: &AppHandle, wanted: &mpsc::Receiver<NewsRequest>) -> zbus::Result<()> {
        let bus = Connection::session()?;
        let desktop = Proxy::new(&bus, NAME, PATH, NAME)?;
        let last = Arc::new(AtomicU32::new(0));
        listen(app.clone(), &desktop, last.clone())?;
        for news in wanted {
            let hints = HashMap::from([("desktop-entry", Value::from("sidecard"))]);
            let actions = [PRESS, ""];
            let before = last.load(Ordering::Relaxed);
            let words =
                ("Sidecard", before, "sidecard", news.title, news.text, &actions[..], hints, AS_USUAL);
            last.store(desktop.call("Notify", &words)?, Ordering::Relaxed);
        }
        Ok(())
    }

    /// A press on the notification brings the panel. The desktop tells everybody of every press.
    fn listen(app: AppHandle, desktop: &Proxy<'static>, ours: Arc<AtomicU32>) -> zbus::Result<()> {
        let presses = desktop.receive_signal("ActionInvoked")?;
        let run = move || {
            for press in presses {
                let pressed = press.body().deserialize::<(u32, String)>();
                if pressed.is_ok_and(|(id, _)| id == ours.load(Ordering::Relaxed)) {
                    window::focus_panel(&app);
                }
            }
        };
        thread::Builder::new().name("news-presses".to_owned()).spawn(run).map(drop).map_err(Into::into)
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::News;
