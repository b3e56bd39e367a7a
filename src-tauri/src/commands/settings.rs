//! The settings window's commands.
#![expect(clippy::let_underscore_must_use, reason = "written by the macro that makes a function a command")]

use engine::Engine;
use ipc::{
    ErrorView,
    panel::PlatformRequest,
    settings::{
        ChannelRequest, ChannelView, ConnectionRequest, PreviewReply, RemoveRequest, SaveChannelRequest,
        SettingsView, TestReply,
    },
};
use tauri::State;

type Answer<T> = Result<T, ErrorView>;

#[tauri::command]
pub(crate) async fn settings_view(engine: State<'_, Engine>) -> Answer<SettingsView> {
    Ok(engine.settings_view().await)
}

#[tauri::command]
pub(crate) async fn test_connection(
    engine: State<'_, Engine>,
    request: ConnectionRequest,
) -> Answer<TestReply> {
    engine.test_connection(request).await
}

#[tauri::command]
pub(crate) async fn sign_in(engine: State<'_, Engine>, request: ConnectionRequest) -> Answer<()> {
    engine.sign_in(request).await
}

#[tauri::command]
pub(crate) async fn save_connection(engine: State<'_, Engine>, request: ConnectionRequest) -> Answer<()> {
    engine.save_connection(request).await
}

#[tauri::command]
pub(crate) async fn remove_connection(engine: State<'_, Engine>, request: RemoveRequest) -> Answer<()> {
    engine.remove_connection(request.id).await
}

#[tauri::command]
pub(crate) async fn copy_pairing(engine: State<'_, Engine>, request: PlatformRequest) -> Answer<()> {
    engine.copy_pairing(&request)
}

#[tauri::command]
pub(crate) async fn channel_view(engine: State<'_, Engine>, request: ChannelRequest) -> Answer<ChannelView> {
    engine.channel_view(request.channel).await
}

#[tauri::command]
pub(crate) async fn save_channel(engine: State<'_, Engine>, request: SaveChannelRequest) -> Answer<()> {
    engine.save_channel(request).await
}

#[tauri::command]
pub(crate) async fn preview_mapping(
    engine: State<'_, Engine>,
    request: SaveChannelRequest,
) -> Answer<PreviewReply> {
    engine.preview_mapping(request).await
}
