//! The settings window's commands.
#![expect(clippy::let_underscore_must_use, reason = "written by the macro that makes a function a command")]

use std::{env, path::PathBuf};

use engine::Engine;
use ipc::{
    ErrorView,
    audit::{AuditExportReply, AuditReply, AuditRequest},
    panel::PlatformRequest,
    settings::{
        ChannelRequest, ChannelView, ConnectionRequest, PreviewReply, RemoveRequest, SaveChannelRequest,
        SettingsView, TestReply,
    },
};
use tauri::{AppHandle, Manager as _, State};

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

#[tauri::command]
pub(crate) async fn take_up_store(engine: State<'_, Engine>) -> Answer<()> {
    engine.take_up_store().await
}

#[tauri::command]
pub(crate) async fn audit_view(engine: State<'_, Engine>, request: AuditRequest) -> Answer<AuditReply> {
    engine.audit_view(request).await
}

#[tauri::command]
pub(crate) async fn export_audit(app: AppHandle, engine: State<'_, Engine>) -> Answer<AuditExportReply> {
    engine.export_audit(&downloads(&app)).await
}

/// The person's folder for downloads, or the nearest to one that the system has.
fn downloads(app: &AppHandle) -> PathBuf {
    let paths = app.path();
    paths.download_dir().or_else(|_| paths.home_dir()).unwrap_or_else(|_| env::temp_dir())
}
