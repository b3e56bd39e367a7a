//! The panel's commands.
#![expect(clippy::let_underscore_must_use, reason = "written by the macro that makes a function a command")]

use engine::Engine;
use ipc::{
    ErrorView,
    panel::{
        AnswerRequest, ChatRequest, CreateRequest, DecisionView, DismissRequest, DraftRequest, FormView,
        LineRequest, LinkRequest, LookupRequest, NewsRequest, OpenReply, PaintedRequest, PanelView,
        PinRequest, PlatformRequest, PreviewRequest, RecordRequest, RecordView, RelatedRequest, SaveReply,
        SaveRequest, SearchReply, SearchRequest, TodoRequest, WindowPreferences, WriteRequest,
    },
    settings::ChannelRequest,
};
use tauri::{AppHandle, Manager as _, State, WebviewWindow};

use crate::{news, place::Preferences, renderer::Renderer, window};

type Answer<T> = Result<T, ErrorView>;

#[tauri::command]
pub(crate) fn panel_view(engine: State<'_, Engine>, renderer: State<'_, Renderer>) -> PanelView {
    renderer.note_asked();
    engine.panel_view()
}

// Commands that begin a look-up are async, so that they run inside the runtime that carries it on.
#[tauri::command]
pub(crate) async fn select_chat(engine: State<'_, Engine>, request: ChatRequest) -> Answer<()> {
    engine.select_chat(&request.chat)
}

#[tauri::command]
pub(crate) async fn show_channel(engine: State<'_, Engine>, request: ChannelRequest) -> Answer<()> {
    engine.show_channel(request.channel)
}

#[tauri::command]
pub(crate) fn pin_chat(engine: State<'_, Engine>, request: PinRequest) {
    engine.pin_chat(request.pinned);
}

#[tauri::command]
pub(crate) async fn refresh_contact(engine: State<'_, Engine>, request: LookupRequest) -> Answer<()> {
    engine.refresh_contact(&request.chat, &request.connection)
}

#[tauri::command]
pub(crate) async fn choose_candidate(engine: State<'_, Engine>, request: RecordRequest) -> Answer<()> {
    engine.choose_candidate(request).await
}

#[tauri::command]
pub(crate) async fn confirm_match(engine: State<'_, Engine>, request: LookupRequest) -> Answer<()> {
    engine.confirm_match(request).await
}

#[tauri::command]
pub(crate) async fn unlink_contact(engine: State<'_, Engine>, request: LookupRequest) -> Answer<()> {
    engine.unlink_contact(request).await
}

#[tauri::command]
pub(crate) async fn search_contacts(
    engine: State<'_, Engine>,
    request: SearchRequest,
) -> Answer<SearchReply> {
    engine.search_contacts(request).await
}

#[tauri::command]
pub(crate) async fn preview_record(engine: State<'_, Engine>, request: PreviewRequest) -> Answer<RecordView> {
    engine.preview_record(request).await
}

#[tauri::command]
pub(crate) async fn edit_form(engine: State<'_, Engine>, request: LookupRequest) -> Answer<FormView> {
    engine.edit_form(request).await
}

#[tauri::command]
pub(crate) async fn create_form(engine: State<'_, Engine>, request: LookupRequest) -> Answer<FormView> {
    engine.create_form(request).await
}

#[tauri::command]
pub(crate) async fn save_contact(engine: State<'_, Engine>, request: SaveRequest) -> Answer<SaveReply> {
    engine.save_contact(request).await
}

#[tauri::command]
pub(crate) async fn create_contact(engine: State<'_, Engine>, request: CreateRequest) -> Answer<SaveReply> {
    engine.create_contact(request).await
}

#[tauri::command]
pub(crate) async fn retry_write(engine: State<'_, Engine>, request: WriteRequest) -> Answer<()> {
    engine.retry_write(request).await
}

#[tauri::command]
pub(crate) async fn discard_write(engine: State<'_, Engine>, request: WriteRequest) -> Answer<()> {
    engine.discard_write(request).await
}

#[tauri::command]
pub(crate) async fn take_back_write(engine: State<'_, Engine>, request: WriteRequest) -> Answer<()> {
    engine.take_back_write(request).await
}

#[tauri::command]
pub(crate) async fn undo_last(engine: State<'_, Engine>, request: LookupRequest) -> Answer<SaveReply> {
    engine.undo_last(request).await
}

#[tauri::command]
pub(crate) async fn take_line(engine: State<'_, Engine>, request: LineRequest) -> Answer<()> {
    engine.take_line(request)
}

#[tauri::command]
pub(crate) async fn update_now(engine: State<'_, Engine>, request: LookupRequest) -> Answer<()> {
    engine.update_now(request).await
}

#[tauri::command]
pub(crate) async fn decisions(
    engine: State<'_, Engine>,
    request: LookupRequest,
) -> Answer<Vec<DecisionView>> {
    engine.decisions(request).await
}

#[tauri::command]
pub(crate) async fn answer_todo(engine: State<'_, Engine>, request: AnswerRequest) -> Answer<()> {
    engine.answer_todo(request).await
}

#[tauri::command]
pub(crate) async fn dismiss_todo(engine: State<'_, Engine>, request: DismissRequest) -> Answer<()> {
    engine.dismiss_todo(request).await
}

#[tauri::command]
pub(crate) async fn open_mail(engine: State<'_, Engine>, request: TodoRequest) -> Answer<()> {
    engine.open_mail(request).await
}

#[tauri::command]
pub(crate) async fn open_todo(engine: State<'_, Engine>, request: TodoRequest) -> Answer<()> {
    engine.open_todo(request)
}

#[tauri::command]
pub(crate) async fn keep_draft(engine: State<'_, Engine>, request: DraftRequest) -> Answer<()> {
    engine.keep_draft(request).await
}

#[tauri::command]
pub(crate) async fn open_record(engine: State<'_, Engine>, request: LookupRequest) -> Answer<OpenReply> {
    engine.open_record(&request)
}

#[tauri::command]
pub(crate) async fn open_related(engine: State<'_, Engine>, request: RelatedRequest) -> Answer<OpenReply> {
    engine.open_related(&request)
}

#[tauri::command]
pub(crate) async fn open_link(engine: State<'_, Engine>, request: LinkRequest) -> Answer<()> {
    engine.open_link(&request.url)
}

#[tauri::command]
pub(crate) async fn retry_now(engine: State<'_, Engine>) -> Answer<()> {
    engine.retry_now();
    Ok(())
}

#[tauri::command]
pub(crate) async fn sign_in_again(engine: State<'_, Engine>, request: PlatformRequest) -> Answer<()> {
    engine.sign_in_again(request).await
}

#[tauri::command]
pub(crate) fn cancel_sign_in(engine: State<'_, Engine>) {
    engine.cancel_sign_in();
}

#[tauri::command]
pub(crate) async fn use_sample_data(engine: State<'_, Engine>) -> Answer<()> {
    engine.use_sample_data().await
}

#[tauri::command]
pub(crate) async fn open_settings(app: AppHandle) -> Result<(), String> {
    window::open_settings(&app).map_err(|error| error.to_string())
}

#[tauri::command]
pub(crate) fn window_preferences(preferences: State<'_, Preferences>) -> WindowPreferences {
    preferences.get()
}

#[tauri::command]
pub(crate) fn set_window_preferences(
    preferences: State<'_, Preferences>,
    window: WebviewWindow,
    request: WindowPreferences,
) -> Result<WindowPreferences, String> {
    let told = |error: tauri::Error| error.to_string();
    let kept = preferences.set(request, &window).map_err(told)?;
    window::preferences_changed(window.app_handle(), kept.clone()).map_err(told)?;
    Ok(kept)
}

#[tauri::command]
pub(crate) fn show_news(app: AppHandle, request: NewsRequest) {
    news::show(&app, request);
}

#[tauri::command]
pub(crate) async fn retry_store(engine: State<'_, Engine>) -> Answer<()> {
    engine.retry_store().await;
    Ok(())
}

#[tauri::command]
pub(crate) async fn start_over(engine: State<'_, Engine>) -> Answer<()> {
    engine.start_over().await
}

#[tauri::command]
pub(crate) async fn erase_contact(engine: State<'_, Engine>, request: LookupRequest) -> Answer<()> {
    engine.erase_contact(request).await
}

#[tauri::command]
pub(crate) async fn erase_all(engine: State<'_, Engine>) -> Answer<()> {
    engine.erase_all().await
}

#[tauri::command]
pub(crate) fn painted(engine: State<'_, Engine>, renderer: State<'_, Renderer>, request: PaintedRequest) {
    renderer.note_painted();
    engine.painted(request.revision);
}
